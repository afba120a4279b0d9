// Stops the anvil of a data folder when nobody who launched it is left to do so.
import { existsSync, realpathSync } from "node:fs";
import { systemClock, type Clock } from "@tidegate/kernel";
import { findAnvils, stopAnvil } from "./anvil-process.ts";

/** Its blocks are safe in the journal. Returns the pids of what it stopped; none when nothing of that folder ran. */
export async function stopEmbeddedChain(options: {
  readonly dataDir: string;
  /** Default the system's. */
  readonly clock?: Clock;
}): Promise<readonly number[]> {
  if (!existsSync(options.dataDir)) return [];
  const anvils = findAnvils(realpathSync(options.dataDir));
  for (const anvil of anvils) await stopAnvil(anvil, options.clock ?? systemClock);
  return anvils.map(({ pid }) => pid);
}
