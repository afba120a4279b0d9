// Rotation of a log that somebody else holds open: copy, then truncate, because the writer cannot be told to reopen it.
//
// The writer appends (O_APPEND), so after the truncation its next line starts the file anew. What it writes between our
// last read and the truncation is lost: two system calls, some microseconds. Everything else is kept, once.
import { closeSync, ftruncateSync, openSync, readSync, renameSync, rmSync, statSync, writeSync } from "node:fs";

export interface LogLimits {
  /** A log at least this large is rotated. */
  readonly maxBytes: number;
  /** Older files kept: .1 is the newest of them. */
  readonly keep: number;
}

const CHUNK_BYTES = 1_048_576;

/** Rotates the log if it is large enough, and finishes a rotation that was cut short; the bytes moved, or 0. */
export function rotateLog(file: string, limits: LogLimits): number {
  finishRotation(file, limits);
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || stat.size < limits.maxBytes) return 0;
  const moved = copyThenTruncate(file);
  shiftOlder(file, limits.keep);
  return moved;
}

/** Files are read in this order by who wants the newest first. */
export function rotatedName(file: string, age: number): string {
  return age === 0 ? file : `${file}.${age}`;
}

const copyName = (file: string): string => `${file}.rotating`;

function copyThenTruncate(file: string): number {
  const source = openSync(file, "r+");
  const copy = openSync(copyName(file), "w", 0o600);
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const copyFrom = (start: number): number => {
    let moved = start;
    for (;;) {
      const read = readSync(source, chunk, 0, chunk.length, moved);
      if (read === 0) return moved;
      for (let written = 0; written < read;) written += writeSync(copy, chunk, written, read - written);
      moved += read;
    }
  };
  try {
    const most = copyFrom(0);
    // The rest begins on a fresh slice of processor time: being descheduled right before the truncation costs lines.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    const all = copyFrom(most);
    ftruncateSync(source, 0);
    return all;
  } finally {
    closeSync(source);
    closeSync(copy);
  }
}

/** .2 becomes .3, .1 becomes .2, the copy becomes .1: last, because readers take its arrival as the rotation. */
function shiftOlder(file: string, keep: number): void {
  rmSync(rotatedName(file, keep), { force: true });
  for (let age = keep - 1; age >= 1; age--) {
    if (statSync(rotatedName(file, age), { throwIfNoEntry: false }) !== undefined)
      renameSync(rotatedName(file, age), rotatedName(file, age + 1));
  }
  renameSync(copyName(file), rotatedName(file, 1));
}

/** A copy left by a killed supervisor: if the log still begins with it, nothing was truncated and the copy is surplus. */
function finishRotation(file: string, limits: LogLimits): void {
  const copied = statSync(copyName(file), { throwIfNoEntry: false });
  if (copied === undefined) return;
  const log = statSync(file, { throwIfNoEntry: false });
  if (log !== undefined && log.size >= copied.size && beginsAlike(file, copyName(file), copied.size))
    rmSync(copyName(file));
  else shiftOlder(file, limits.keep);
}

function beginsAlike(file: string, other: string, length: number): boolean {
  const compared = Math.min(length, CHUNK_BYTES);
  return readStart(file, compared).equals(readStart(other, compared));
}

function readStart(file: string, length: number): Buffer {
  const descriptor = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, 0));
  } finally {
    closeSync(descriptor);
  }
}
