// The write-ahead journal of blocks: what is needed to mine the chain again. Append-only files of JSON lines, one line a block, each
// flushed to disk before the block is mined. A line names its parent's hash, so it also proves the block before it.
import { mkdirSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { JournalBroken, JournalNotWritten } from "./errors.ts";

export interface JournaledBlock {
  readonly number: number;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Hash of the block before. */
  readonly parent: string;
  /** Signed transactions, "0x…", in the order in which they are mined. */
  readonly transactions: readonly string[];
}

export interface Journal {
  /** The newest block; undefined in a new journal. */
  last(): JournaledBlock | undefined;
  /** Resolves when the block is on disk. A block with the number of the newest one takes its place. */
  append(block: JournaledBlock): Promise<void>;
  /** The blocks from `number` on, in order. */
  read(number: number): Iterable<JournaledBlock>;
  /** Later blocks go to a new file, so that reading from here does not pass through what lies before. */
  startSegment(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the journal in a folder, which is made if needed. A torn last line, of a write that a kill cut short, is cut off. */
export async function openJournal(folder: string): Promise<Journal> {
  mkdirSync(folder, { recursive: true });
  const segments = listSegments(folder);
  const newest = segments.at(-1);
  if (newest !== undefined) cutTornLine(join(folder, newest.file));
  let last = findLast(folder, segments);
  let file = await openSegment(folder, segments, last);

  return {
    last: () => last,
    append: async (added) => {
      const { size } = await file.stat();
      try {
        await file.appendFile(`${JSON.stringify(added)}\n`);
        await file.datasync();
      } catch (error) {
        // A full disk leaves part of a line; the next block must not be appended to it.
        await file.truncate(size);
        throw new JournalNotWritten({ block: added.number, cause: error });
      }
      last = added;
    },
    *read(number) {
      // The segment that holds `number` is the last one that begins at it or before.
      const from = segments.findLastIndex((segment) => segment.first <= number);
      for (const segment of segments.slice(Math.max(from, 0))) {
        for (const one of readSegment(join(folder, segment.file))) if (one.number >= number) yield one;
      }
    },
    startSegment: async () => {
      await file.close();
      file = await openSegment(folder, segments, last, true);
    },
    close: () => file.close(),
  };
}

interface Segment {
  readonly file: string;
  /** Number of its first block. */
  readonly first: number;
}

function listSegments(folder: string): Segment[] {
  return readdirSync(folder)
    .filter((file) => /^\d{10}\.jsonl$/.test(file))
    .toSorted()
    .map((file) => ({ file, first: Number(file.slice(0, 10)) }));
}

async function openSegment(
  folder: string,
  segments: Segment[],
  last: JournaledBlock | undefined,
  isNew = segments.length === 0,
): Promise<FileHandle> {
  const newest = segments.at(-1);
  if (!isNew && newest !== undefined) return open(join(folder, newest.file), "a");
  const first = (last?.number ?? 0) + 1;
  const file = `${String(first).padStart(10, "0")}.jsonl`;
  if (newest?.first !== first) segments.push({ file, first });
  const handle = await open(join(folder, file), "a");
  await flushFolder(folder);
  return handle;
}

/** A new file survives a power cut only once its folder is flushed too. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function findLast(folder: string, segments: readonly Segment[]): JournaledBlock | undefined {
  for (const segment of segments.toReversed()) {
    const last = readSegment(join(folder, segment.file)).at(-1);
    if (last !== undefined) return last;
  }
  return undefined;
}

function cutTornLine(path: string): void {
  const content = readFileSync(path);
  truncateSync(path, content.lastIndexOf("\n") + 1);
}

function readSegment(path: string): JournaledBlock[] {
  const blocks: JournaledBlock[] = [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  for (const [index, line] of lines.entries()) {
    const parsed = parseLine(path, index + 1, line);
    const before = blocks.at(-1);
    if (before?.number === parsed.number) blocks.pop();
    else if (before !== undefined && before.number + 1 !== parsed.number) {
      const reason = `is block ${parsed.number} after block ${before.number}`;
      throw new JournalBroken({ file: path, line: index + 1, reason });
    }
    blocks.push(parsed);
  }
  return blocks;
}

function parseLine(file: string, line: number, text: string): JournaledBlock {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JournalBroken({ file, line, reason: "is not JSON" });
  }
  if (!isBlock(value)) throw new JournalBroken({ file, line, reason: "is not a block" });
  return value;
}

function isBlock(value: unknown): value is JournaledBlock {
  if (typeof value !== "object" || value === null) return false;
  const { number, timestamp, parent, transactions } = value as Partial<Record<keyof JournaledBlock, unknown>>;
  return (
    Number.isSafeInteger(number) &&
    Number.isSafeInteger(timestamp) &&
    typeof parent === "string" &&
    Array.isArray(transactions) &&
    transactions.every((raw) => typeof raw === "string" && raw.startsWith("0x"))
  );
}
