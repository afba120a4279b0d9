// Rotation and reading while a real process writes as fast as it can.
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { logFile } from "../processes/state-files.ts";
import { CHATTY } from "../testing/sample-programs.ts";
import { installationOfThisTest, SHORT } from "../testing/temporary-installation.ts";
import { readLogs } from "./read-logs.ts";

const COUNT = 10_000;

it("doubles nothing, keeps the order and loses no more than an instant over many rotations, for files and follower alike", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { chatty: { program: CHATTY, env: { COUNT: String(COUNT) } } });
  await installation.workloads.ensure("chatty", { release: "one", desiredCount: 1 });
  // The follower is there before the first line.
  const reader = new AbortController();
  const followed: string[] = [];
  const following = (async () => {
    const options = { stateDir: installation.stateDir, service: "chatty", follow: true, signal: reader.signal };
    for await (const line of readLogs(options)) {
      followed.push(line);
      if (line === "done") reader.abort();
    }
  })();
  const supervisor = await installation.supervise({
    logLimits: { maxBytes: 100_000, keep: 50 },
    timing: { ...SHORT, roundMs: 20, logCheckMs: 20 },
  });
  await following;

  const rotations = supervisor.events.filter((event) => event.code === "log.rotated").length;
  expect(rotations).toBeGreaterThanOrEqual(5);
  const file = logFile(installation.stateDir, "chatty", 0);
  const files = [file];
  for (let age = 1; existsSync(`${file}.${age}`); age++) files.unshift(`${file}.${age}`);
  expect(files).toHaveLength(rotations + 1);
  const kept = files
    .map((one) => readFileSync(one, "utf8"))
    .join("")
    .trimEnd()
    .split("\n");

  for (const lines of [kept, followed]) {
    const numbers = lines.filter((line) => line !== "done").map((line) => Number(/^line (\d+) x{80}$/.exec(line)?.[1]));
    expect(numbers.filter(Number.isNaN)).toEqual([]);
    expect(numbers.filter((number, at) => at > 0 && number <= Number(numbers[at - 1]))).toEqual([]);
    // What is written between the last read and the truncation is lost: microseconds, or as long as a busy machine takes the
    // processor away right then, at 20 lines a millisecond. So this bounds a broken copy, not the machine; order is exact above.
    expect(numbers.length).toBeGreaterThan(COUNT / 2);
  }
  const upToDone = (lines: readonly string[]): string[] => lines.filter((line) => line !== "done");
  expect(upToDone(followed)).toEqual(upToDone(kept));
});

it("keeps as many older files as it is told", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { chatty: { program: CHATTY, env: { COUNT: "10000" } } });
  await installation.workloads.ensure("chatty", { release: "one", desiredCount: 1 });
  const supervisor = await installation.supervise({
    logLimits: { maxBytes: 50_000, keep: 2 },
    timing: { ...SHORT, roundMs: 20, logCheckMs: 20 },
  });
  const signal = AbortSignal.timeout(20_000);
  for await (const line of readLogs({ stateDir: installation.stateDir, service: "chatty", follow: true, signal }))
    if (line === "done") break;
  expect(supervisor.events.filter((event) => event.code === "log.rotated").length).toBeGreaterThan(2);
  const file = logFile(installation.stateDir, "chatty", 0);
  expect([1, 2, 3].map((age) => existsSync(`${file}.${age}`))).toEqual([true, true, false]);
});
