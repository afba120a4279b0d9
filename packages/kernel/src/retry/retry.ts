// Trying again, with jittered exponential backoff and limits in number and time.
import { systemClock, type Clock } from "../clock/clock.ts";
import { TidegateError } from "../errors/tidegate-error.ts";

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Upper bound of the first wait; doubles with each try. Default 100. */
  readonly baseMs?: number;
  /** Upper bound of any wait. Default 10,000. */
  readonly maxMs?: number;
  /** No new try begins after this much time since the first. Default none. */
  readonly deadlineMs?: number;
}

export interface RetryOptions extends RetryPolicy {
  /** Default: a TidegateError whose `retry` is not "never". */
  readonly isRetryable?: (error: unknown) => boolean;
  /** A wait that the error itself asks for (HTTP Retry-After), in milliseconds; it replaces a shorter backoff. */
  readonly askedWaitMs?: (error: unknown) => number | undefined;
  readonly onRetry?: (failure: { readonly error: unknown; readonly attempt: number; readonly waitMs: number }) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Uniform in [0, 1). Default Math.random. */
  readonly random?: () => number;
}

/** Runs `effect(attempt)` (attempt from 1) until it succeeds; rethrows the last error when it may not be tried again. */
export async function retry<T>(effect: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const clock = options.clock ?? systemClock;
  const isRetryable = options.isRetryable ?? isRetryableByDefault;
  const start = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await effect(attempt);
    } catch (error) {
      if (attempt >= options.attempts || !isRetryable(error) || options.signal?.aborted === true) throw error;
      const waitMs = Math.max(backoffMs(attempt, options), options.askedWaitMs?.(error) ?? 0);
      if (options.deadlineMs !== undefined && clock.monotonicMs() - start + waitMs > options.deadlineMs) throw error;
      options.onRetry?.({ error, attempt, waitMs });
      await clock.sleep(waitMs, options.signal);
    }
  }
}

/**
 * Full jitter: uniform in [0, min(maxMs, baseMs * 2^(attempt-1))].
 * Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs(
  attempt: number,
  policy: { readonly baseMs?: number; readonly maxMs?: number; readonly random?: () => number },
): number {
  const bound = Math.min(policy.maxMs ?? 10_000, (policy.baseMs ?? 100) * 2 ** (attempt - 1));
  return Math.round((policy.random ?? Math.random)() * bound);
}

function isRetryableByDefault(error: unknown): boolean {
  return error instanceof TidegateError && error.retry !== "never";
}
