// The lines of a service's logs: the last ones, and with `follow` those to come, across rotations.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock, type Clock } from "@tidegate/kernel";
import { logsDir } from "../processes/state-files.ts";
import { createLogCursor, type LogCursor } from "./log-cursor.ts";
import { createLineSplitter, type LineSplitter } from "./split-lines.ts";

export interface ReadLogsOptions {
  readonly stateDir: string;
  readonly service: string;
  /** Lines of the past to begin with, of each instance. Default 100. */
  readonly lines?: number;
  /** Go on with what is written from now on, until the signal. Default false. */
  readonly follow?: boolean;
  /** One instance alone. Default all: their lines come in turns, each whole. */
  readonly index?: number;
  readonly signal?: AbortSignal;
  /** Default the system's. */
  readonly clock?: Clock;
}

const FOLLOW_EVERY_MS = 200;
const LOG_NAME = /^(\d+)\.log$/;

/** Yields lines as they were written, without their ends. An instance that comes later is followed from its first line. */
export async function* readLogs(options: ReadLogsOptions): AsyncGenerator<string> {
  const clock = options.clock ?? systemClock;
  const open = new Map<number, { readonly cursor: LogCursor; readonly lines: LineSplitter }>();
  for (const index of instancesOf(options)) {
    const { cursor, lines } = openLog(options, index, open, false);
    yield* lines.push(cursor.start(options.lines ?? 100));
  }
  while (options.follow === true && options.signal?.aborted !== true) {
    let isQuiet = true;
    for (const index of instancesOf(options)) {
      const { cursor, lines } = open.get(index) ?? openLog(options, index, open, true);
      const bytes = cursor.read();
      isQuiet &&= bytes.length === 0;
      yield* lines.push(bytes);
    }
    if (isQuiet && !(await hasSlept(clock, options.signal))) break;
  }
  for (const { lines } of open.values()) yield* lines.end();
}

function openLog(
  options: ReadLogsOptions,
  index: number,
  open: Map<number, { readonly cursor: LogCursor; readonly lines: LineSplitter }>,
  fromFirstLine: boolean,
): { readonly cursor: LogCursor; readonly lines: LineSplitter } {
  const file = join(logsDir(options.stateDir, options.service), `${index}.log`);
  const opened = { cursor: createLogCursor(file, { fromFirstLine }), lines: createLineSplitter() };
  open.set(index, opened);
  return opened;
}

function instancesOf(options: ReadLogsOptions): number[] {
  if (options.index !== undefined) return [options.index];
  let names: string[];
  try {
    names = readdirSync(logsDir(options.stateDir, options.service));
  } catch (error) {
    // Nothing of it has run yet.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names
    .map((name) => LOG_NAME.exec(name)?.[1])
    .filter((index) => index !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

/** False when the signal ended the sleep: for a reader that is its orderly end. */
async function hasSlept(clock: Clock, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await clock.sleep(FOLLOW_EVERY_MS, signal);
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}
