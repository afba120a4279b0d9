// A clock whose waits take no time: tests of waiting run at once and see how long each wait would have been.
import type { Clock } from "@tidegate/kernel";

export interface InstantClock extends Clock {
  /** Every wait so far, in milliseconds. */
  readonly waits: readonly number[];
  advance(ms: number): void;
}

export function createInstantClock(): InstantClock {
  const waits: number[] = [];
  let elapsedMs = 0;
  return {
    waits,
    advance: (ms) => void (elapsedMs += ms),
    now: () => new Date(elapsedMs),
    monotonicMs: () => elapsedMs,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      elapsedMs += ms;
    },
  };
}
