// How many events of each kind.
import type { MarketEvent } from "../types.ts";
import type { MarketEventName } from "./abi.ts";

/** Kinds without an event are left out. */
export function countByName(events: readonly MarketEvent[]): ReadonlyMap<MarketEventName, number> {
  const counts = new Map<MarketEventName, number>();
  for (const { name } of events) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
