// Long work in pieces, so that what waits for this process meanwhile (PostgreSQL, an endpoint) waits for one piece at most.
import { setImmediate } from "node:timers/promises";

/** Items in one turn: some milliseconds of decoding or encoding. */
const PER_TURN = 256;

export async function inTurns<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  for (let from = 0; from < items.length; from += PER_TURN) {
    if (from > 0) await setImmediate();
    for (const item of items.slice(from, from + PER_TURN)) work(item);
  }
}
