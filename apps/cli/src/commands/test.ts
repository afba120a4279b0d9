// `tidegate test`: every test that this machine can run, and by name what it cannot.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, TidegateError, type ExitCode } from "@tidegate/kernel";
import * as z from "zod";
import { checkoutRoot } from "../installation/checkout-root.ts";
import type { Terminal } from "../terminal/terminal.ts";

const PROJECTS = ["unit", "docs", "parts", "e2e", "chaos"] as const;

const outcomeSchema = z.object({
  passed: z.number(),
  failed: z.number(),
  leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
});
type Outcome = z.infer<typeof outcomeSchema>;

export interface TestOptions {
  /** Only files whose path contains one of these. */
  readonly filters: readonly string[];
  /** A test left out counts as failed; CI's setting. */
  readonly nothingMissing: boolean;
}

/** Runs the tests and ends with the plain line `N passed, N failed` (`, N skipped` where tests were left out). */
export async function test(terminal: Terminal, options: TestOptions): Promise<ExitCode> {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-test-"));
  try {
    const exitCode = await runVitest(options.filters, join(folder, "outcome.json"));
    return tellOutcome(terminal, readOutcome(join(folder, "outcome.json")), exitCode, options.nothingMissing);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runVitest(filters: readonly string[], outcomePath: string): Promise<number> {
  const vitest = join(checkoutRoot, "node_modules", "vitest", "vitest.mjs");
  const projects = PROJECTS.flatMap((project) => ["--project", project]);
  const reporters = ["--reporter", "dot", "--reporter", join(checkoutRoot, "tests", "reporters", "outcome.ts")];
  const child = spawn(process.execPath, [vitest, "run", ...projects, ...reporters, ...filters], {
    cwd: checkoutRoot,
    stdio: "inherit",
    env: { ...process.env, TIDEGATE_TEST_OUTCOME: outcomePath },
  });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? EXIT.failed;
}

function readOutcome(path: string): Outcome {
  try {
    return outcomeSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new TidegateError({
      code: "test.no-outcome",
      message: "The test runner ended without telling its outcome.",
      remedy: "Read its output above; it may have been killed.",
      cause,
    });
  }
}

function tellOutcome(terminal: Terminal, outcome: Outcome, exitCode: number, nothingMissing: boolean): ExitCode {
  if (outcome.leftOut.length > 0) {
    terminal.talk(nothingMissing ? "Left out, though nothing may be:" : "Left out on this machine:");
    for (const one of outcome.leftOut)
      terminal.talk(`  ${one.name}\n    ${one.why === "" ? "gives no reason" : one.why}`);
  }
  const unexplained = outcome.leftOut.filter((one) => one.why === "").length;
  const extra = nothingMissing ? outcome.leftOut.length : unexplained;
  // A runner that fails without a failed test (a crash at teardown) must not read as green.
  const failed = Math.max(outcome.failed + extra, exitCode === 0 ? 0 : 1);
  const skipped = outcome.leftOut.length - extra;
  terminal.data(`${outcome.passed} passed, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`);
  return failed === 0 ? EXIT.ok : EXIT.failed;
}
