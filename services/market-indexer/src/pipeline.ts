// The loop: 1. hold the lock  2. choose the next blocks  3. fetch  4. decode  5. store, with statuses and progress  6. again.
import { backoffMs, TidegateError, type Clock } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import { chooseRange, type RangeOptions } from "./choose-range.ts";
import { countByName } from "./decode/count-by-name.ts";
import { decodeBatch } from "./decode/decode-batch.ts";
import type { DecodeLog } from "./decode/decode-log.ts";
import { RetriesExhausted } from "./errors.ts";
import type { PipelineEvent } from "./events.ts";
import { fetchBatch, fetchHead, type ChainDeps } from "./fetch/fetch-batch.ts";
import type { FetchOrders } from "./fetch/order-stream.ts";
import { createRateMeter, type RateMeter } from "./rate-meter.ts";
import { readLastBlock, type StoredBlock } from "./store/progress.ts";
import type { StoreBatch } from "./store/store-batch.ts";
import type { WriterLock } from "./store/writer-lock.ts";
import type { BlockRange, FetchedBatch, OffchainRequest } from "./types.ts";

export interface PipelineDeps {
  readonly chain: ChainDeps;
  readonly pool: Pool;
  readonly lock: WriterLock;
  readonly decodeLog: DecodeLog;
  readonly store: StoreBatch;
  /** Undefined where no order stream is configured. */
  readonly fetchOrders: FetchOrders | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted to stop: the batch in hand is finished or dropped, never half stored. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: PipelineEvent) => void;
}

export interface PipelineOptions extends RangeOptions {
  /** Between two looks at the head, when all of it is stored. */
  readonly intervalMs: number;
  /** Failures in a row that are tried again. */
  readonly retries: number;
}

interface Counted {
  events: number;
  readonly rate: RateMeter;
}

/** Upper bounds of the waits: 1, 2, 4 … 120 seconds. */
const BACKOFF = { baseMs: 1_000, maxMs: 120_000 };

/** Resolves when stopped, or when `endBlock` is stored; throws RetriesExhausted, or at once what trying again cannot help. */
export async function runPipeline(deps: PipelineDeps, options: PipelineOptions): Promise<void> {
  const { signal, clock } = deps;
  const counted: Counted = { events: 0, rate: createRateMeter(clock) };
  let failures = 0;
  while (!signal.aborted) {
    let waitMs: number;
    try {
      const outcome = await step(deps, options, counted);
      if (outcome === "done") return;
      failures = 0;
      waitMs = outcome === "at-head" ? options.intervalMs : 0;
    } catch (error) {
      // A stop ends calls in flight; the transaction in hand, if any, was rolled back.
      if (signal.aborted) return;
      failures++;
      waitMs = judgeFailure(deps, options, failures, error);
    }
    await pause(clock, waitMs, signal);
  }
}

async function step(
  deps: PipelineDeps,
  options: PipelineOptions,
  counted: Counted,
): Promise<"done" | "behind" | "at-head"> {
  const { signal, chain, pool } = deps;
  await deps.lock.ensureHeld(signal);
  // Read, not remembered: after a connection that broke in a COMMIT, only the database knows.
  const previous = await readLastBlock(pool);
  const head = await fetchHead(chain, signal);
  const choice = chooseRange({ head, previous: previous?.number, options });
  let stored = previous;
  if (choice.range !== undefined) {
    stored = await advance(deps, choice.range, previous, counted);
  } else if (previous !== undefined && choice.head < previous.number && choice.outcome !== "done") {
    deps.onEvent({ code: "indexer.node-behind", head: choice.head, indexedBlock: previous.number });
  }
  tellProgress(deps, choice.head, stored?.number, counted);
  return choice.outcome;
}

async function advance(
  deps: PipelineDeps,
  range: BlockRange,
  previous: StoredBlock | undefined,
  counted: Counted,
): Promise<StoredBlock> {
  const { signal } = deps;
  const needsFirstHeader = deps.fetchOrders !== undefined && previous === undefined;
  const fetched = await fetchBatch(deps.chain, range, { withFirstHeader: needsFirstHeader, signal });
  const events = decodeBatch(fetched, deps.decodeLog);
  const offchain = await fetchOffchain(deps, fetched, previous);
  signal.throwIfAborted();
  const stored = await deps.store({ fetched, events, offchain, previous });
  counted.events += events.length;
  counted.rate.add(events.length);
  deps.onEvent({
    code: "indexer.batch-stored",
    range,
    events: countByName(events),
    offchainRequests: offchain?.length ?? 0,
  });
  return stored;
}

/**
 * Orders from a second before the previous batch's last block to a second after this one's: the windows overlap, so that no order
 * falls between two batches, however late its batch was read. What comes twice is merged.
 */
async function fetchOffchain(
  deps: PipelineDeps,
  { range, headers }: FetchedBatch,
  previous: StoredBlock | undefined,
): Promise<readonly OffchainRequest[] | undefined> {
  const first = previous?.timestamp ?? headers.get(range.from)?.timestamp;
  const last = headers.get(range.to)?.timestamp;
  if (first === undefined || last === undefined) return undefined;
  return deps.fetchOrders?.({ after: first - 1n, before: last + 1n }, deps.signal);
}

function tellProgress(deps: PipelineDeps, head: bigint, indexedBlock: bigint | undefined, counted: Counted): void {
  const lag = indexedBlock === undefined ? head : head - indexedBlock;
  deps.onEvent({
    code: "indexer.progress",
    head,
    indexedBlock,
    lagBlocks: lag < 0n ? 0n : lag,
    events: counted.events,
    eventsPerSecond: counted.rate.perSecond(),
  });
}

/** The wait before the next try; throws where there is none. */
function judgeFailure(deps: PipelineDeps, options: PipelineOptions, failures: number, error: unknown): number {
  if (!(error instanceof TidegateError) || error.retry === "never") throw error;
  if (failures > options.retries) {
    throw new RetriesExhausted({ failures, cause: error });
  }
  const waitMs = backoffMs(failures, { ...BACKOFF, random: deps.random });
  deps.onEvent({ code: "indexer.retrying", failures, retries: options.retries, waitMs, error });
  return waitMs;
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
