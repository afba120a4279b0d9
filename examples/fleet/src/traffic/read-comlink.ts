// A reader of Comlink that does what a good client does: it tries again, and says how long it had to.
import { describeError, systemClock, type Clock } from "@tidegate/kernel";
import type { ReadLine } from "../ledger/ledger.ts";
import { sleepUnlessStopped } from "../service/keep-trying.ts";

export interface ReadTotals {
  requests: number;
  /** Answered at the first try. */
  atOnce: number;
  cured: number;
  /** Not answered within the limit: a retry did not cure them. */
  failed: number;
  longestOutageMs: number;
}

export interface ReadOptions {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  readonly everyMs: number;
  /** A request not answered by then has failed. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  /** Told about each request that was not answered at once. */
  readonly onTrouble: (line: ReadLine) => Promise<void>;
  readonly clock?: Clock;
}

const PATHS = ["/v1/height", "/v1/events?limit=20"];
const ANSWER_LIMIT_MS = 5_000;
const PAUSE_MS = 100;

/** Reads until the signal is aborted; counts into `totals`. */
export async function readComlink(options: ReadOptions, totals: ReadTotals): Promise<void> {
  const clock = options.clock ?? systemClock;
  for (let turn = 0; !options.signal.aborted; turn++) {
    await readOnce({ ...options, clock }, PATHS[turn % PATHS.length] ?? "/v1/height", totals);
    await sleepUnlessStopped(clock, options.everyMs, options.signal);
  }
}

async function readOnce(
  { url, limitMs, signal, onTrouble, clock }: ReadOptions & { readonly clock: Clock },
  path: string,
  totals: ReadTotals,
): Promise<void> {
  const begun = clock.monotonicMs();
  let reason: string | undefined;
  for (let tries = 1; ; tries++) {
    const trouble = await tryOnce(`${url}${path}`);
    const outageMs = Math.round(clock.monotonicMs() - begun);
    if (trouble === undefined || outageMs > limitMs) {
      totals.requests += 1;
      if (trouble === undefined && reason === undefined) return void (totals.atOnce += 1);
      const outcome = trouble === undefined ? "cured" : "failed";
      totals[outcome] += 1;
      totals.longestOutageMs = Math.max(totals.longestOutageMs, outageMs);
      const at = clock.now().toISOString();
      return onTrouble({ kind: "read", path, outcome, tries, outageMs, reason: reason ?? trouble ?? "", at });
    }
    reason ??= trouble;
    // Neither cured nor failed: the reader is being stopped.
    if (signal.aborted) return;
    await sleepUnlessStopped(clock, PAUSE_MS, signal);
  }
}

/** What went wrong; undefined for an answer of 200 that is JSON. */
async function tryOnce(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
    await response.json();
    return response.status === 200 ? undefined : `status ${response.status}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return describeError(cause);
  }
}
