// At most so many requests in flight, and so many calls per second.
import type { Clock } from "@tidegate/kernel";

export interface Limiter {
  /** Waits for its turn, first come first served, then runs the effect. `calls` is what it costs of the rate. */
  run<T>(calls: number, signal: AbortSignal, effect: () => Promise<T>): Promise<T>;
}

export interface LimiterDeps {
  readonly maxConcurrent: number;
  /** Undefined: no limit. */
  readonly maxPerSecond: number | undefined;
  readonly clock: Clock;
}

export function createLimiter({ maxConcurrent, maxPerSecond, clock }: LimiterDeps): Limiter {
  const takeTokens = maxPerSecond === undefined ? undefined : createTokenBucket(maxPerSecond, clock);
  const slots = createSlots(maxConcurrent);
  return {
    run: async (calls, signal, effect) => {
      await slots.take(signal);
      try {
        await takeTokens?.(calls, signal);
        return await effect();
      } finally {
        slots.give();
      }
    },
  };
}

/**
 * A token bucket that holds one second's worth. Who comes when it is empty takes on debt and waits until that is paid, so the
 * order is kept, and a batch larger than the bucket is possible.
 */
function createTokenBucket(perSecond: number, clock: Clock): (calls: number, signal: AbortSignal) => Promise<void> {
  const capacity = Math.max(1, perSecond);
  let tokens = capacity;
  let filledMs = clock.monotonicMs();
  return async (calls, signal) => {
    const nowMs = clock.monotonicMs();
    tokens = Math.min(capacity, tokens + ((nowMs - filledMs) / 1_000) * perSecond) - calls;
    filledMs = nowMs;
    if (tokens >= 0) return;
    try {
      await clock.sleep((-tokens / perSecond) * 1_000, signal);
    } catch (cause) {
      tokens += calls;
      throw cause;
    }
  };
}

interface Slots {
  take(signal: AbortSignal): Promise<void>;
  give(): void;
}

function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    take: async (signal) => {
      signal.throwIfAborted();
      if (free > 0) {
        free--;
        return;
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const leave = (): void => {
        waiting.splice(waiting.indexOf(enter), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
      };
      const enter = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      signal.addEventListener("abort", leave, { once: true });
      waiting.push(enter);
      await promise;
    },
    give: () => {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    },
  };
}
