// The ledger file: what the traffic did, as JSON lines that are only ever appended. Ground truth for tests, memory for a restart.
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, truncateSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { TidegateError } from "@tidegate/kernel";
import type { LedgerAction, LedgerConfirmed, LedgerHeader, LedgerLine } from "./ledger-line.ts";

/** A ledger as it stands. */
export interface LedgerContent {
  readonly header: LedgerHeader | undefined;
  /** All actions but the void ones, in the order of their seq. */
  readonly actions: readonly LedgerAction[];
  /** Those of them that were seen to revert. */
  readonly revertedSeqs: ReadonlySet<number>;
  readonly confirmed: LedgerConfirmed | undefined;
  /** Seq of the next action. */
  readonly nextSeq: number;
}

export interface LedgerWriter {
  /** Resolves when the line is in the file, and with `flush` when it is on disk. */
  append(line: LedgerLine, durability: "flush" | "buffered"): Promise<void>;
  close(): Promise<void>;
}

export class LedgerBroken extends TidegateError {
  override readonly name = "LedgerBroken";
  constructor(facts: { path: string; line: number }) {
    super({
      code: "market.ledger-broken",
      message: `Line ${facts.line} of ${facts.path} is not a line of a traffic ledger. Nothing was sent.`,
      remedy: "Restore the file from a copy, or name another file with --ledger on a fresh chain.",
      details: facts,
      blame: "dependency",
    });
  }
}

/** Reads a ledger; a file that is not there is an empty one, and a torn last line is left out. */
export function readLedger(path: string): LedgerContent {
  let header: LedgerHeader | undefined;
  let confirmed: LedgerConfirmed | undefined;
  const actions: LedgerAction[] = [];
  const revertedSeqs = new Set<number>();
  let nextSeq = 0;
  for (const line of readLines(path)) {
    switch (line.kind) {
      case "market":
        header = line;
        break;
      case "action":
        actions.push(line);
        nextSeq = line.seq + 1;
        break;
      case "confirmed":
        confirmed = line;
        break;
      case "void":
        while ((actions.at(-1)?.seq ?? -1) >= line.from) actions.pop();
        break;
      case "reverted":
        revertedSeqs.add(line.seq);
        break;
    }
  }
  return { header, actions, revertedSeqs, confirmed, nextSeq };
}

/** Opens a ledger for appending, and cuts a torn last line off: its action was never sent. */
export async function openLedger(path: string): Promise<LedgerWriter> {
  mkdirSync(dirname(path), { recursive: true });
  const file = await open(path, "a");
  truncateSync(path, endOfLastLine(path));
  return {
    append: async (line, durability) => {
      await file.appendFile(`${JSON.stringify(line)}\n`);
      if (durability === "flush") await file.datasync();
    },
    close: () => file.close(),
  };
}

/** Longer than any line. */
const CHUNK_BYTES = 1024 * 1024;

function endOfLastLine(path: string): number {
  const file = openSync(path, "r");
  try {
    const start = Math.max(0, fstatSync(file).size - CHUNK_BYTES);
    const tail = Buffer.alloc(CHUNK_BYTES);
    const length = readSync(file, tail, 0, CHUNK_BYTES, start);
    return start + tail.subarray(0, length).lastIndexOf("\n") + 1;
  } finally {
    closeSync(file);
  }
}

const KINDS = ["market", "action", "confirmed", "void", "reverted"];

/** Piece by piece: a ledger of some hours is longer than the longest string. */
function* readLines(path: string): Iterable<LedgerLine> {
  if (!existsSync(path)) return;
  const file = openSync(path, "r");
  try {
    const piece = Buffer.alloc(CHUNK_BYTES);
    let rest = Buffer.alloc(0);
    let number = 0;
    for (let length = readSync(file, piece); length > 0; length = readSync(file, piece)) {
      const text = Buffer.concat([rest, piece.subarray(0, length)]);
      const end = text.lastIndexOf("\n") + 1;
      for (const line of text.toString("utf8", 0, end).split("\n").slice(0, -1)) {
        number += 1;
        const parsed = parseLine(line);
        if (parsed === undefined) throw new LedgerBroken({ path, line: number });
        yield parsed;
      }
      rest = text.subarray(end);
    }
  } finally {
    closeSync(file);
  }
}

/** The program wrote the line itself: its kind is checked, its fields are not. */
function parseLine(text: string): LedgerLine | undefined {
  try {
    const line = JSON.parse(text) as LedgerLine;
    return KINDS.includes(line.kind) ? line : undefined;
  } catch {
    return undefined;
  }
}
