// Lines, ends of files and cursors, on files that nobody else writes.
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { logFile, logsDir } from "../processes/state-files.ts";
import { lastLines } from "./last-lines.ts";
import { createLogCursor } from "./log-cursor.ts";
import { readLogs } from "./read-logs.ts";
import { rotateLog } from "./rotate-log.ts";
import { createLineSplitter } from "./split-lines.ts";

let dir: string;
let log: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tidegate-logs-"));
  log = join(dir, "0.log");
});
afterEach(() => rmSync(dir, { recursive: true }));

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const got: string[] = [];
  for await (const line of lines) got.push(line);
  return got;
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join("");

describe("lastLines", () => {
  it.each([
    ["", 3, []],
    ["a\nb\nc\nd\n", 3, ["b", "c", "d"]],
    ["a\nb\nc", 2, ["b", "c"]],
    ["a\n", 5, ["a"]],
    ["\n\n", 5, ["", ""]],
    ["a\nb\n", 0, []],
  ])("of %j, %i", (text, count, expected) => {
    writeFileSync(log, text);
    expect(lastLines(log, count)).toEqual(expected);
  });

  it("gives none of a file that is not there", () => expect(lastLines(join(dir, "no.log"), 5)).toEqual([]));

  it("finds them in a file of many chunks", () => {
    writeFileSync(log, lines(0, 50_000));
    expect(lastLines(log, 20_000)).toEqual(lines(30_000, 50_000).trimEnd().split("\n"));
  });
});

describe("the line splitter", () => {
  it("puts lines and characters together that pieces cut in two", () => {
    const splitter = createLineSplitter();
    const bytes = Buffer.from("grün\nblau\nrot");
    const got = [...bytes].flatMap((_, at) => splitter.push(bytes.subarray(at, at + 1)));
    expect([...got, ...splitter.end()]).toEqual(["grün", "blau", "rot"]);
    expect(splitter.end()).toEqual([]);
  });
});

describe("the log's cursor", () => {
  it("goes on through rotations without losing or doubling a byte", () => {
    appendFileSync(log, lines(0, 10));
    const cursor = createLogCursor(log);
    let got = cursor.start(4).toString();
    for (let round = 1; round <= 12; round++) {
      appendFileSync(log, lines(round * 10, round * 10 + 10));
      // None, one or two rotations between two reads.
      for (let turn = 0; turn < round % 3; turn++) {
        rotateLog(log, { maxBytes: 1, keep: 3 });
        appendFileSync(log, `rotated ${round}.${turn}\n`);
      }
      got += cursor.read().toString();
    }
    const expected = Array.from({ length: 12 }, (_, i) => i + 1).map(
      (round) =>
        lines(round * 10, round * 10 + 10) +
        Array.from({ length: round % 3 }, (_, turn) => `rotated ${round}.${turn}\n`).join(""),
    );
    expect(got).toBe(lines(6, 10) + expected.join(""));
    expect(cursor.read().toString()).toBe("");
  });

  it("waits for the copy when it sees the truncation first", () => {
    appendFileSync(log, lines(0, 3));
    const cursor = createLogCursor(log);
    cursor.start(0);
    appendFileSync(log, lines(3, 6));
    copyFileSync(log, `${log}.rotating`);
    truncateSync(log, 0);
    expect(cursor.read().toString()).toBe("");
    rotateLog(log, { maxBytes: 1_000, keep: 3 });
    appendFileSync(log, lines(6, 7));
    expect(cursor.read().toString()).toBe(lines(3, 7));
  });

  it("begins with lines of older files when the newest has too few", () => {
    appendFileSync(log, lines(0, 10));
    rotateLog(log, { maxBytes: 1, keep: 3 });
    appendFileSync(log, lines(10, 12));
    expect(createLogCursor(log).start(5).toString()).toBe(lines(7, 12));
  });
});

describe("rotateLog", () => {
  it("leaves a small log alone", () => {
    appendFileSync(log, "small\n");
    expect(rotateLog(log, { maxBytes: 100, keep: 3 })).toBe(0);
    expect(rotateLog(join(dir, "no.log"), { maxBytes: 100, keep: 3 })).toBe(0);
  });

  it("finishes a rotation that was killed after the truncation", () => {
    writeFileSync(`${log}.rotating`, lines(0, 5));
    writeFileSync(log, lines(5, 6));
    rotateLog(log, { maxBytes: 1_000, keep: 3 });
    expect(readFileSync(`${log}.1`, "utf8")).toBe(lines(0, 5));
    expect(readFileSync(log, "utf8")).toBe(lines(5, 6));
  });

  it("drops the copy of a rotation that was killed before the truncation", () => {
    writeFileSync(`${log}.rotating`, lines(0, 4));
    writeFileSync(log, lines(0, 6));
    rotateLog(log, { maxBytes: 1_000, keep: 3 });
    expect(readFileSync(log, "utf8")).toBe(lines(0, 6));
    expect(lastLines(`${log}.1`, 1)).toEqual([]);
  });
});

describe("readLogs", () => {
  it("reads the end of every instance's log, and a last line without its end", async () => {
    mkdirSync(logsDir(dir, "api"), { recursive: true });
    writeFileSync(logFile(dir, "api", 0), lines(0, 5));
    writeFileSync(logFile(dir, "api", 1), "other\nunfinished");
    const both = await all(readLogs({ stateDir: dir, service: "api", lines: 2 }));
    expect(both).toEqual(["line 3", "line 4", "other", "unfinished"]);
    expect(await all(readLogs({ stateDir: dir, service: "api", index: 1 }))).toEqual(["other", "unfinished"]);
    expect(await all(readLogs({ stateDir: dir, service: "never-ran" }))).toEqual([]);
  });
});

it("follows a log that was rotated before the follower noticed it from its first line", async () => {
  const file = logFile(dir, "late", 0);
  const end = new AbortController();
  let looks = 0;
  const clock = {
    now: () => new Date(0),
    monotonicMs: () => 0,
    // Between its first and its second look the service starts, writes, and is rotated twice.
    sleep: () => {
      looks++;
      if (looks === 1) {
        mkdirSync(logsDir(dir, "late"), { recursive: true });
        for (const [from, to] of [
          [0, 3],
          [3, 6],
        ] as const) {
          appendFileSync(file, lines(from, to));
          rotateLog(file, { maxBytes: 1, keep: 5 });
        }
        appendFileSync(file, lines(6, 8));
      } else end.abort();
      return Promise.resolve();
    },
  };
  const followed = await all(readLogs({ stateDir: dir, service: "late", follow: true, signal: end.signal, clock }));
  expect(followed).toEqual(Array.from({ length: 8 }, (_, index) => `line ${index}`));
});
