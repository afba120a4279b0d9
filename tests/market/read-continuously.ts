// A reader of the market's API that never stops: each request that fails is tried again until it is answered, and how long that took is kept.
import { systemClock } from "@tidegate/kernel";

export interface Outage {
  readonly path: string;
  /** From the first failure until the answer; null when none came in time. */
  readonly curedAfterMs: number | null;
  readonly tries: number;
  readonly reason: string;
}

export interface Reading {
  readonly answered: () => number;
  readonly outages: readonly Outage[];
  /** A block that an answer named, after an answer that had named a later one: what was read went back. */
  readonly steppedBack: readonly string[];
  readonly lastBlock: () => number;
  readonly stop: () => Promise<void>;
}

const ANSWER_MS = 2_000;
const AGAIN_MS = 50;
const CURE_LIMIT_MS = 20_000;

/** Reads the market's progress and the newest page of requests, `readers` at a time, one request right after the other. */
export function readContinuously(origin: string, readers: number): Reading {
  const over = new AbortController();
  const outages: Outage[] = [];
  const steppedBack: string[] = [];
  let answered = 0;
  let lastBlock = 0;
  const read = async (path: string): Promise<void> => {
    const blockBefore = lastBlock;
    const body = await askUntilAnswered(origin + path, outages);
    answered++;
    const block = (body as { readonly last_indexed_block?: number } | undefined)?.last_indexed_block;
    if (block === undefined) return;
    if (block < blockBefore) steppedBack.push(`${block} after ${blockBefore}`);
    lastBlock = Math.max(lastBlock, block);
  };
  const reader = async (index: number): Promise<void> => {
    while (!over.signal.aborted) {
      await read(index % 2 === 0 ? "/v1/market" : "/v1/market/requests?limit=20");
      // As a page that refreshes, not as a load test: the machine has work to do.
      await systemClock.sleep(10);
    }
  };
  const all = Promise.all(Array.from({ length: readers }, async (_, index) => reader(index)));
  return {
    answered: () => answered,
    outages,
    steppedBack,
    lastBlock: () => lastBlock,
    stop: async () => {
      over.abort();
      await all;
    },
  };
}

async function askUntilAnswered(url: string, outages: Outage[]): Promise<unknown> {
  let failedAtMs: number | undefined;
  let reason = "";
  for (let tries = 1; ; tries++) {
    const nowMs = performance.now();
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
      const body: unknown = await response.json();
      if (response.status !== 200) throw new Error(`status ${response.status}: ${JSON.stringify(body)}`);
      if (failedAtMs !== undefined) outages.push({ path: url, curedAfterMs: nowMs - failedAtMs, tries, reason });
      return body;
    } catch (error) {
      failedAtMs ??= nowMs;
      const { message, cause } = error as Error;
      if (reason === "") reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
      if (nowMs - failedAtMs > CURE_LIMIT_MS) {
        outages.push({ path: url, curedAfterMs: null, tries, reason });
        return undefined;
      }
    }
    await systemClock.sleep(AGAIN_MS);
  }
}
