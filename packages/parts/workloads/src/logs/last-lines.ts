// The end of a log file, without reading the rest of it.
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Lines longer than this on average are cut short; a log is for people. */
const BYTES_PER_LINE = 2_048;

/** The last `count` lines of a file, or fewer; none when there is no such file. A last line without its end counts. */
export function lastLines(file: string, count: number): string[] {
  let descriptor: number;
  try {
    descriptor = openSync(file, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  try {
    const { size } = fstatSync(descriptor);
    const length = Math.min(size, count * BYTES_PER_LINE);
    const bytes = Buffer.alloc(length);
    const read = readSync(descriptor, bytes, 0, length, size - length);
    const lines = bytes.toString("utf8", 0, read).split("\n");
    if (lines.at(-1) === "") lines.pop();
    // Unless the whole file was read, the first line is probably the rest of a longer one.
    if (size > length && lines.length > 1) lines.shift();
    return lines.slice(-count);
  } finally {
    closeSync(descriptor);
  }
}
