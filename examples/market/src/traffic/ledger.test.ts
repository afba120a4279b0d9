// The ledger gives back what was written, without what was taken back and what a kill cut short.
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LedgerBroken, openLedger, readLedger } from "./ledger.ts";
import type { LedgerAction, LedgerLine } from "./ledger-line.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidegate-ledger-"));
  path = join(folder, "new", "ledger.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function deposit(seq: number, value = "1"): LedgerAction {
  return { kind: "action", seq, at: 5, action: "deposit", from: "0xaa", nonce: seq, value, expected: [] };
}

async function write(...lines: LedgerLine[]): Promise<void> {
  const ledger = await openLedger(path);
  for (const line of lines) await ledger.append(line, "flush");
  await ledger.close();
}

test("a file that is not there is an empty ledger", () => {
  expect(readLedger(path)).toMatchObject({ header: undefined, actions: [], nextSeq: 0 });
});

test("what was taken back is gone, and its seqs are not used again", async () => {
  const confirmed = { kind: "confirmed", seq: 0, block: 9, blockHash: "0xbb" } as const;
  await write(deposit(0), confirmed, deposit(1), deposit(2), { kind: "void", from: 1, to: 2 });
  expect(readLedger(path)).toMatchObject({ actions: [deposit(0)], confirmed, nextSeq: 3 });
  await write(deposit(3), { kind: "reverted", seq: 3, block: 12 });
  const { actions, revertedSeqs } = readLedger(path);
  expect(actions.map((action) => action.seq)).toEqual([0, 3]);
  expect([...revertedSeqs]).toEqual([3]);
});

test("a torn last line is left out by a reader and cut off by a writer", async () => {
  await write(deposit(0));
  appendFileSync(path, JSON.stringify(deposit(1)).slice(0, 30));
  expect(readLedger(path).actions).toEqual([deposit(0)]);
  await write(deposit(1, "2"));
  expect(readLedger(path).actions).toEqual([deposit(0), deposit(1, "2")]);
});

test("a ledger longer than what is read at a time is read whole", async () => {
  const long = Array.from({ length: 60 }, (_, seq) => deposit(seq, "9".repeat(50_000)));
  await write(...long);
  expect(readLedger(path).actions).toEqual(long);
});

test("a line that is none is an error that names it", async () => {
  await write(deposit(0));
  appendFileSync(path, "{}\n");
  expect(() => readLedger(path)).toThrow(LedgerBroken);
  expect(() => readLedger(path)).toThrow(/Line 2 of/);
});
