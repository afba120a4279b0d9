// Collects what `tidegate test` says at the end: how many passed and failed, and what was left out and why.
import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** Tests that this machine could not run, each with the reason that the test gave. */
  readonly leftOut: ReadonlyArray<{ readonly name: string; readonly why: string }>;
}

export default class OutcomeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const path = process.env["TIDEGATE_TEST_OUTCOME"];
    if (path === undefined) return;
    let passed = 0;
    // An error outside any test (a hook, a leak found at teardown, a file that does not load) counts as a failure.
    let failed =
      unhandledErrors.length +
      modules.filter((module) => module.state() === "failed" && module.errors().length > 0).length;
    const leftOut: Array<{ name: string; why: string }> = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === "passed") passed++;
        else if (result.state === "skipped")
          leftOut.push({
            name: `${module.relativeModuleId} > ${test.fullName}`,
            why: result.note ?? whyInTitle(test.fullName),
          });
        else failed++;
      }
    }
    writeFileSync(path, JSON.stringify({ passed, failed, leftOut } satisfies Outcome));
  }
}

/** A test may say what it needs in its title: "… (needs root, to mount a tmpfs)". */
function whyInTitle(title: string): string {
  return /\((needs [^)]+)\)/.exec(title)?.[1] ?? "";
}
