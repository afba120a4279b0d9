// The end of a file, measured in lines, without reading the rest of it.
import { readSync } from "node:fs";

const CHUNK_BYTES = 65_536;
const NEWLINE = 10;

export interface LastBytes {
  readonly bytes: Buffer;
  /** Whole lines in it, and a last one without its end if there is one. */
  readonly lines: number;
}

/** The last `count` lines among the first `size` bytes of an open file, or fewer. */
export function lastBytes(descriptor: number, size: number, count: number): LastBytes {
  let start = size;
  let bytes: Buffer = Buffer.alloc(0);
  let lines = 0;
  while (start > 0 && lines <= count) {
    const length = Math.min(CHUNK_BYTES, start);
    start -= length;
    const chunk = readExactly(descriptor, start, length);
    bytes = Buffer.concat([chunk, bytes]);
    lines = countLines(bytes);
  }
  while (lines > count) {
    bytes = bytes.subarray(bytes.indexOf(NEWLINE) + 1);
    lines--;
  }
  return { bytes, lines };
}

/** Bytes of an open file from `start` on: `length` of them, or fewer where it ends earlier. */
export function readExactly(descriptor: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const now = readSync(descriptor, bytes, read, length - read, start + read);
    if (now === 0) break;
    read += now;
  }
  return bytes.subarray(0, read);
}

function countLines(bytes: Buffer): number {
  let count = bytes.length > 0 && bytes.at(-1) !== NEWLINE ? 1 : 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count++;
  return count;
}
