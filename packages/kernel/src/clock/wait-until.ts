// Waiting for something that only looking can tell, with a limit and a sentence for when it never comes.
import { TimedOut } from "../errors/timed-out.ts";
import { systemClock, type Clock } from "./clock.ts";

export interface WaitOptions {
  /** What is waited for, as the subject of "did not happen": "PostgreSQL accepting connections". */
  readonly what: string;
  readonly limitMs: number;
  readonly remedy: string;
  /** Default 50. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
  /** Default the system's. */
  readonly clock?: Clock;
}

/** Calls `look` until it gives something other than undefined, and returns that; throws TimedOut after the limit. */
export async function waitUntil<T>(
  look: () => Promise<T | undefined> | T | undefined,
  options: WaitOptions,
): Promise<T> {
  const clock = options.clock ?? systemClock;
  const start = clock.monotonicMs();
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (clock.monotonicMs() - start >= options.limitMs) throw new TimedOut(options);
    await clock.sleep(options.everyMs ?? 50, options.signal);
  }
}
