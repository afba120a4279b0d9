// A service outlives a short absence of what it depends on: it tries again, and gives up after a minute without success.
import { backoffMs, systemClock, TidegateError, type Clock, type Logger } from "@tidegate/kernel";

export interface KeepTryingOptions {
  readonly at: string;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Default 60,000. */
  readonly giveUpAfterMs?: number;
  readonly clock?: Clock;
}

/**
 * Calls `work` again and again until the signal is aborted. What may be tried again is, with growing waits; anything else, or no success for
 * `giveUpAfterMs`, is thrown. `work` reports its successes, and ends by itself soon after the signal.
 */
export async function keepTrying(
  work: (succeeded: () => void) => Promise<void>,
  { at, logger, signal, giveUpAfterMs = 60_000, clock = systemClock }: KeepTryingOptions,
): Promise<void> {
  let failures = 0;
  let lastSuccess = clock.monotonicMs();
  const succeeded = (): void => {
    failures = 0;
    lastSuccess = clock.monotonicMs();
  };
  while (!signal.aborted) {
    try {
      await work(succeeded);
    } catch (error) {
      if (signal.aborted) return;
      const canRetry = error instanceof TidegateError && error.retry !== "never";
      if (!canRetry || clock.monotonicMs() - lastSuccess > giveUpAfterMs) throw error;
      failures += 1;
      const waitMs = error.retry === "now" ? 0 : 50 + backoffMs(failures, { baseMs: 100, maxMs: 2_000 });
      logger.warn(at, "Trying again", { waitMs, failures, error });
      await sleepUnlessStopped(clock, waitMs, signal);
    }
  }
}

/** Returns early, without a throw, when the signal is aborted. */
export async function sleepUnlessStopped(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
