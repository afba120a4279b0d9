// The program main.ts as a process of its own, as a supervisor runs it.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface IndexerProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Its log so far, line by line. */
  readonly lines: readonly string[];
  /** The first line that has this text, past or to come; rejects when the program ends without it. */
  line(text: string): Promise<string>;
  /** Its exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Starts it; SIGKILL at the end of the test, if it still runs. */
export function startIndexerProcess(args: readonly string[], env: Readonly<Record<string, string>>): IndexerProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => lines.push(line));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return {
    child,
    lines,
    ended,
    line: (text) =>
      new Promise((resolve, reject) => {
        const seen = lines.find((line) => line.includes(text));
        if (seen !== undefined) return resolve(seen);
        reader.on("line", (line) => {
          if (line.includes(text)) resolve(line);
        });
        reader.once("close", () => reject(new Error(`it ended without "${text}": ${lines.join("\n")}`)));
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
