import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { createTerminal } from "../terminal/terminal.ts";
import { completionScript, completionWords } from "./completions.ts";
import { createProgram } from "./create-program.ts";

const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, env: {} });
const words = completionWords(createProgram({ terminal, env: {}, end: () => undefined }, []));

it("knows commands and flags at every depth", () => {
  expect(words.get("")).toEqual(expect.arrayContaining(["up", "runs", "schedules", "run"]));
  expect(words.get("runs")).toEqual(expect.arrayContaining(["ls", "watch", "retry"]));
  expect(words.get("runs retry")).toEqual(expect.arrayContaining(["--from", "--lock-wait", "--json"]));
});

it("completes in a real bash", () => {
  const script = `${completionScript("bash", words)}
COMP_WORDS=(tidegate runs re); COMP_CWORD=2; _tidegate; echo "\${COMPREPLY[@]}"`;
  const { stdout, status } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout.trim().split(" ").toSorted()).toEqual(["rebuild", "retry"]);
});
