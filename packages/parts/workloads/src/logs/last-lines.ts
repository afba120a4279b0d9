// The last lines of a log, for a status page.
import { closeSync, fstatSync, openSync } from "node:fs";
import { lastBytes } from "./last-bytes.ts";

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
    const text = lastBytes(descriptor, fstatSync(descriptor).size, count).bytes.toString("utf8");
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
  } finally {
    closeSync(descriptor);
  }
}
