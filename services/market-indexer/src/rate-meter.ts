// Events per second, over the last ten seconds.
import type { Clock } from "@tidegate/kernel";

export interface RateMeter {
  add(count: number): void;
  perSecond(): number;
}

/** Counts over a sliding window (default 10,000 ms); before the window is full, over the time since the start. */
export function createRateMeter(clock: Clock, windowMs = 10_000): RateMeter {
  const start = clock.monotonicMs();
  let samples: Array<{ readonly at: number; readonly count: number }> = [];
  const current = (now: number): typeof samples => samples.filter(({ at }) => at > now - windowMs);
  return {
    add: (count) => {
      const at = clock.monotonicMs();
      samples = [...current(at), { at, count }];
    },
    perSecond: () => {
      const now = clock.monotonicMs();
      const total = current(now).reduce((sum, { count }) => sum + count, 0);
      return (total * 1000) / Math.min(windowMs, Math.max(now - start, 1000));
    },
  };
}
