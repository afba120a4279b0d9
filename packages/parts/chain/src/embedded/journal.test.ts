// The journal keeps every block that was appended, and nothing of one that was not.
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { JournalBroken } from "./errors.ts";
import { openJournal, type JournaledBlock } from "./journal.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidegate-journal-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function block(number: number, transactions: string[] = [`0x0${number}`]): JournaledBlock {
  return { number, timestamp: 1_000 + number, parent: `0x${String(number).repeat(64)}`, transactions };
}

async function journalOf(...blocks: JournaledBlock[]): Promise<void> {
  const journal = await openJournal(folder);
  for (const one of blocks) await journal.append(one);
  await journal.close();
}

async function reread(from = 1): Promise<JournaledBlock[]> {
  const journal = await openJournal(folder);
  try {
    return [...journal.read(from)];
  } finally {
    await journal.close();
  }
}

test("gives back what was appended, from any number on", async () => {
  await journalOf(block(1), block(2), block(3));
  expect(await reread()).toEqual([block(1), block(2), block(3)]);
  expect(await reread(3)).toEqual([block(3)]);
});

test("a block appended again takes the place of the first", async () => {
  await journalOf(block(1), block(2), block(2, []), block(3));
  expect(await reread()).toEqual([block(1), block(2, []), block(3)]);
});

test("a torn last line is cut off, and the next block stands on its own line", async () => {
  await journalOf(block(1), block(2));
  const [file = ""] = readdirSync(folder);
  appendFileSync(join(folder, file), JSON.stringify(block(3)).slice(0, 40));
  await journalOf(block(3, []));
  expect(await reread()).toEqual([block(1), block(2), block(3, [])]);
});

test("a broken line in the middle is an error that names it", async () => {
  await journalOf(block(1), block(2), block(3));
  const path = join(folder, readdirSync(folder)[0] ?? "");
  const lines = readFileSync(path, "utf8").split("\n");
  writeFileSync(path, [lines[0], lines[1]?.slice(0, 20), lines[2], ""].join("\n"));
  await expect(openJournal(folder)).rejects.toThrow(JournalBroken);
  await expect(openJournal(folder)).rejects.toThrow(/Line 2 of .* is not JSON/);
});

test("a missing block is an error", async () => {
  await journalOf(block(1), block(3));
  await expect(openJournal(folder)).rejects.toThrow(/block 3 after block 1/);
});

test("reads across segments, also when the newest one is empty", async () => {
  const journal = await openJournal(folder);
  await journal.append(block(1));
  await journal.append(block(2));
  await journal.startSegment();
  expect(journal.last()).toEqual(block(2));
  await journal.close();
  expect(readdirSync(folder)).toEqual(["0000000001.jsonl", "0000000003.jsonl"]);
  await journalOf(block(3), block(4));
  expect(await reread()).toEqual([block(1), block(2), block(3), block(4)]);
  expect(await reread(3)).toEqual([block(3), block(4)]);
  expect(await reread(9)).toEqual([]);
});
