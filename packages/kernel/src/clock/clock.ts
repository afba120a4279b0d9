// Time as a dependency: what waits or reads the time takes a Clock, so that tests decide when it is.
import { setTimeout as sleepFor } from "node:timers/promises";

export interface Clock {
  /** Wall time. */
  now(): Date;
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  monotonicMs(): number;
  /** Waits; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
    } catch (cause) {
      if (signal?.aborted === true)
        throw signal.reason instanceof Error ? signal.reason : new Error("aborted", { cause });
      throw cause;
    }
  },
};
