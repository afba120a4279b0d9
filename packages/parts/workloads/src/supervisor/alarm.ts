// A sleep that can be cut short.
import type { Clock } from "@tidegate/kernel";

export interface Alarm {
  /** Ends the sleep under way, or the next one before it begins. */
  readonly ring: () => void;
  readonly sleep: (ms: number) => Promise<void>;
}

export function createAlarm(clock: Clock): Alarm {
  let rung = new AbortController();
  return {
    ring: () => rung.abort(),
    sleep: async (ms) => {
      const { signal } = rung;
      try {
        if (!signal.aborted) await clock.sleep(ms, signal);
      } catch (error) {
        // The clock rejects with the ring's reason; anything else is a real failure.
        if (!signal.aborted) throw error;
      }
      if (signal.aborted) rung = new AbortController();
    },
  };
}
