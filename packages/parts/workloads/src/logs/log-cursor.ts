// A place in a log that is written, copied and truncated by others, and never gives a byte twice.
//
// A rotation copies the log to .1 byte by byte, so a place in the log is the same place in the copy. It is recognised by
// the inode of .1: the copy arrives there by a rename, after the truncation.
import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { lastBytes, readExactly } from "./last-bytes.ts";
import { rotatedName } from "./rotate-log.ts";

/** At most this many bytes come at once. */
const READ_BYTES = 4_194_304;
/** Beyond any number of older files that is kept. */
const MAX_AGE = 100;
/** A rotation in the middle of a look makes it look again. */
const LOOKS = 100;

export interface LogCursor {
  /** The last `lines` lines written before now, older files included. Call it first, once. */
  start(lines: number): Buffer;
  /** What was written since; empty when nothing was. */
  read(): Buffer;
}

/**
 * A cursor over `file` and the older files beside it; a file that is not there is empty. Without `start`, reading begins with
 * the log as it is now, or `fromFirstLine`: with the oldest file, for a log that may have been rotated before it was noticed.
 */
export function createLogCursor(file: string, options: { readonly fromFirstLine?: boolean } = {}): LogCursor {
  let offset = 0;
  let newestOlder = options.fromFirstLine === true ? undefined : inodeOf(rotatedName(file, 1));

  /** Looks until no rotation came in between, so that what was seen belongs together. */
  const steadily = <T>(look: (olderNow: bigint | undefined) => T | undefined): T | undefined => {
    for (let attempt = 0; attempt < LOOKS; attempt++) {
      const before = inodeOf(rotatedName(file, 1));
      const seen = look(before);
      if (seen !== undefined && inodeOf(rotatedName(file, 1)) === before) {
        newestOlder = before;
        return seen;
      }
    }
    return undefined;
  };

  const start = (lines: number): Buffer => {
    const seen = steadily(() => {
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      const parts: Buffer[] = [];
      for (let age = 0, missing = lines; missing > 0 && age <= MAX_AGE; age++) {
        const part = lastOf(rotatedName(file, age), missing, age === 0 ? size : undefined);
        if (part === undefined) break;
        parts.unshift(part.bytes);
        missing -= part.lines;
      }
      return { size, bytes: Buffer.concat(parts) };
    });
    offset = seen?.size ?? 0;
    return seen?.bytes ?? Buffer.alloc(0);
  };

  const read = (): Buffer => {
    const known = newestOlder;
    const seen = steadily((olderNow) =>
      olderNow === known ? readOn(file, offset) : readAcrossRotations(file, offset, known),
    );
    if (seen === undefined) return Buffer.alloc(0);
    offset = seen.offset;
    return seen.bytes;
  };

  return { start, read };
}

interface Seen {
  readonly bytes: Buffer;
  readonly offset: number;
}

function readOn(file: string, offset: number): Seen {
  const bytes = readFrom(file, offset, READ_BYTES) ?? Buffer.alloc(0);
  // A log shorter than our place was just truncated; its copy arrives as .1 in a moment.
  return { bytes, offset: offset + bytes.length };
}

/** The rest of the file that was the log, all newer ones, and the log's beginning. Undefined when a rotation interferes. */
function readAcrossRotations(file: string, offset: number, known: bigint | undefined): Seen | undefined {
  const age = ageOfFormerLog(file, known);
  const parts: Buffer[] = [];
  for (let older = age; older >= 1; older--) {
    const part = readFrom(rotatedName(file, older), older === age ? offset : 0);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const newest = readFrom(file, 0, READ_BYTES) ?? Buffer.alloc(0);
  return { bytes: Buffer.concat([...parts, newest]), offset: newest.length };
}

/** The file that was .1 at our last look stands right behind the one that was the log then; if it is gone, the oldest is the best guess. */
function ageOfFormerLog(file: string, known: bigint | undefined): number {
  for (let age = 1; age <= MAX_AGE; age++) {
    const inode = inodeOf(rotatedName(file, age));
    if (inode === undefined || inode === known) return age - 1;
  }
  return MAX_AGE;
}

function lastOf(file: string, lines: number, size: number | undefined): ReturnType<typeof lastBytes> | undefined {
  return withFile(file, (descriptor) => lastBytes(descriptor, size ?? fstatSync(descriptor).size, lines));
}

function readFrom(file: string, offset: number, limit = Number.MAX_SAFE_INTEGER): Buffer | undefined {
  return withFile(file, (descriptor) => {
    const length = Math.min(limit, fstatSync(descriptor).size - offset);
    return length <= 0 ? Buffer.alloc(0) : readExactly(descriptor, offset, length);
  });
}

function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Undefined when there is no such file. */
function withFile<T>(file: string, effect: (descriptor: number) => T): T | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return effect(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
