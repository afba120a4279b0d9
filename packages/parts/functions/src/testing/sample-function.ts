// A function that does what its payload says, as text: for a release's folder, for a zip, for a server that plays Lambda.

export type SampleTask =
  /** Returns version, value and the request's id. */
  | { readonly do: "return"; readonly value?: unknown; readonly ledger?: string }
  | { readonly do: "return-nothing" }
  | {
      readonly do: "throw";
      readonly name: string;
      readonly message: string;
      readonly code?: string;
      readonly remedy?: string;
      readonly ledger?: string;
    }
  /** Its process ends. */
  | { readonly do: "exit" }
  /** Never answers. With `busy` it never gives its thread back either; with `child` it first starts a process that lives on. */
  | { readonly do: "hang"; readonly ledger?: string; readonly busy?: boolean; readonly child?: boolean }
  /** Answers when the file `until` is there, and says so in the ledger. */
  | { readonly do: "wait"; readonly ledger: string; readonly until: string }
  | { readonly do: "print"; readonly lines: number }
  | { readonly do: "report" };

/**
 * The source of a module whose `handler` does a SampleTask. A task with a ledger first appends a line to that file: version and pid of its
 * process, and that of the child; what ran is counted there.
 */
export function sampleFunction(version: string): string {
  return `import { spawn } from "node:child_process";
import { appendFileSync, existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export async function handler(task, context) {
  const child = task.child ? spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" }).pid : "";
  if (task.ledger) appendFileSync(task.ledger, ["${version}", process.pid, child].join(" ") + "\\n");
  switch (task.do) {
    case "return":
      return { version: "${version}", value: task.value, requestId: context.awsRequestId };
    case "return-nothing":
      return;
    case "throw":
      throw Object.assign(new Error(task.message), { name: task.name, code: task.code, remedy: task.remedy });
    case "exit":
      process.exit(3);
    case "hang":
      while (task.busy);
      return sleep(600_000);
    case "wait":
      while (!existsSync(task.until)) await sleep(10);
      appendFileSync(task.ledger, "finished\\n");
      return "finished";
    case "print":
      for (let line = 0; line < task.lines; line++) {
        console.log("line " + line);
        if (line % 100 === 0) await sleep(5);
      }
      return task.lines;
    case "report":
      return { env: process.env, cwd: process.cwd(), remainingMs: context.getRemainingTimeInMillis() };
    default:
      throw new Error("no such task");
  }
}
`;
}
