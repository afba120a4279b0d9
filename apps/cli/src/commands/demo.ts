// `tidegate demo`: runs the chapters of the tour, each for real and in an installation of its own, and checks what came out.
import { EXIT, type ExitCode } from "@tidegate/kernel";
import { bazookaChapter } from "../demo/bazooka-chapter.ts";
import type { Chapter } from "../demo/chapter.ts";
import { indexChapter } from "../demo/index-chapter.ts";
import { operationsChapter } from "../demo/operations-chapter.ts";
import { upgradeChapter } from "../demo/upgrade-chapter.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UnknownName } from "../terminal/unknown-name.ts";

const CHAPTERS: readonly Chapter[] = [indexChapter, operationsChapter, bazookaChapter, upgradeChapter];

export interface DemoInput {
  readonly terminal: Terminal;
  /** Default all. */
  readonly chapter: string | undefined;
  /** Break the result before it is checked; the chapter must then fail. */
  readonly isSabotaged: boolean;
}

/** Exit 0 when every check of every chapter held, else 1. */
export async function demo(input: DemoInput): Promise<ExitCode> {
  const { terminal } = input;
  const names = CHAPTERS.map((chapter) => chapter.name);
  if (input.chapter !== undefined && !names.includes(input.chapter)) {
    throw new UnknownName({ what: "chapter of the demo", name: input.chapter, known: names });
  }
  const chosen = CHAPTERS.filter((chapter) => input.chapter === undefined || chapter.name === input.chapter);
  let failures = 0;
  for (const chapter of chosen) {
    terminal.talk(terminal.style("bold", `Chapter "${chapter.name}": ${chapter.title}`));
    const checks = await chapter.run({ tell: (line) => terminal.talk(`  ${line}`), isSabotaged: input.isSabotaged });
    for (const check of checks) {
      if (!check.holds) failures++;
      const verdict = check.holds ? terminal.style("green", "holds ") : terminal.style("red", "FAILED");
      terminal.data(`  ${verdict}  ${check.claim}: ${check.seen}`);
    }
  }
  terminal.talk(failures === 0 ? "Every check held." : `${failures} ${failures === 1 ? "check" : "checks"} failed.`);
  return failures === 0 ? EXIT.ok : EXIT.failed;
}
