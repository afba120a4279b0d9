// Folders in the making: built under a name that tells their maker, renamed when complete, swept when the maker is dead.
import { randomBytes } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { identifyProcess } from "./process-table.ts";

/** A sibling of `target` to build it in; this process is written into the name, which is a new one at each call. */
export function halfMadeName(target: string): string {
  const self = identifyProcess(process.pid);
  return `${target}.half-made-${process.pid}-${self?.startTicks ?? "0"}-${randomBytes(2).toString("hex")}`;
}

/** Removes siblings that a killed process left; returns their names. Those of living processes stay. */
export async function sweepHalfMade(target: string): Promise<readonly string[]> {
  const parent = dirname(target);
  const prefix = `${basename(target)}.half-made-`;
  const names = (await readdir(parent)).filter((name) => name.startsWith(prefix));
  const abandoned = names.filter((name) => !makerLives(name.slice(prefix.length)));
  // The killed one's own child (initdb) may still be writing there; it ends when its files vanish.
  const persistently = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };
  for (const name of abandoned) await rm(join(parent, name), persistently);
  return abandoned;
}

function makerLives(suffix: string): boolean {
  const [pid, startTicks] = suffix.split(/[-.]/);
  return identifyProcess(Number(pid))?.startTicks === startTicks;
}
