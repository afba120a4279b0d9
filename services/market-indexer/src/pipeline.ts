// The loop: 1. hold the lock  2. fill a gap, if there is one  3. choose the next blocks  4. fetch, decode, store them, with statuses
// and progress  5. when there are none, see whether the chain still is what is stored  6. again.
import { RpcAnswerTooLarge, RpcBlockTooLarge, RpcRefused } from "@tidegate/chain";
import { backoffMs, TidegateError, type Clock } from "@tidegate/kernel";
import { advance, type NextBlocks } from "./advance.ts";
import { chooseRange, type RangeChoice } from "./choose-range.ts";
import { InconsistentAnswers, NodeBehind, ParentDiffers, RetriesExhausted } from "./errors.ts";
import { fetchHead } from "./fetch/fetch-batch.ts";
import { fillGap, type GapToFill } from "./fill-gap.ts";
import type { Counted, PipelineDeps, PipelineOptions } from "./pipeline-deps.ts";
import { createPreparation, type Preparation } from "./prepare-batch.ts";
import { createRateMeter } from "./rate-meter.ts";
import { settleReorg } from "./settle-reorg.ts";
import { readLastBlock, type StoredBlock } from "./store/progress.ts";
import { readStanding, type Standing } from "./store/standing.ts";
import type { BlockRange } from "./types.ts";

type Outcome = "done" | "behind" | "at-head";

/** So often in a row a head before the last stored block is waited for, before another endpoint is asked. */
const PATIENCE_LOOKS = 5;

interface LoopState {
  readonly counted: Counted;
  readonly preparation: Preparation;
  /** How the tables stand, as last read; undefined where that is to be read before the next step. */
  standing: Standing | undefined;
  /** As last asked for; undefined where it is to be asked for before the next step. */
  head: { readonly number: bigint; readonly atMs: number } | undefined;
  /** In a row, at a head before the last stored block. */
  looksBehind: number;
}

/** Upper bounds of the waits: 1, 2, 4 … 120 seconds. */
const BACKOFF = { baseMs: 1_000, maxMs: 120_000 };

/** Resolves when stopped, or when `endBlock` is stored; throws RetriesExhausted, or at once what trying again cannot help. */
export async function runPipeline(deps: PipelineDeps, options: PipelineOptions): Promise<void> {
  const { signal, clock } = deps;
  const state: LoopState = {
    counted: { events: 0, rate: createRateMeter(clock) },
    preparation: createPreparation(deps),
    standing: undefined,
    head: undefined,
    looksBehind: 0,
  };
  let failures = 0;
  while (!signal.aborted) {
    let waitMs: number;
    try {
      const outcome = await step(deps, options, state);
      if (outcome === "done") return;
      failures = 0;
      waitMs = outcome === "at-head" ? untilNextLook(clock, options, state) : 0;
      if (outcome === "at-head") state.head = undefined;
    } catch (error) {
      // A stop ends calls in flight; the transaction in hand, if any, was rolled back.
      if (signal.aborted) return;
      failures++;
      state.head = undefined;
      waitMs = judgeFailure(deps, options, failures, error);
    }
    await pause(clock, waitMs, signal);
  }
}

/** The interval is between two looks, not after what came of one. */
function untilNextLook(clock: Clock, { intervalMs }: PipelineOptions, { head }: LoopState): number {
  const elapsedMs = head === undefined ? 0 : clock.monotonicMs() - head.atMs;
  return Math.max(0, intervalMs - elapsedMs);
}

/** Where there is far to go to it, a head that was known a moment ago will do; what it bounds is then asked for a moment later. */
async function headOf(
  { chain, clock, signal }: PipelineDeps,
  options: PipelineOptions,
  state: LoopState,
): Promise<bigint> {
  const known = state.head;
  if (known !== undefined && clock.monotonicMs() - known.atMs < options.intervalMs) return known.number;
  const atMs = clock.monotonicMs();
  const number = await fetchHead(chain, signal);
  state.head = { number, atMs };
  return number;
}

async function step(deps: PipelineDeps, options: PipelineOptions, state: LoopState): Promise<Outcome> {
  const { signal, pool } = deps;
  await deps.lock.ensureHeld(signal);
  // Read, not remembered: after a connection that broke in a COMMIT, only the database knows.
  const previous = await readLastBlock(pool);
  const head = await headOf(deps, options, state);
  const windowFrom = head - BigInt(options.reorgDepth) + 1n;
  const [gap] = (state.standing ?? (await readAndTellStanding(deps, state))).gaps;
  if (gap !== undefined && previous !== undefined) {
    // Read anew before the next step, whatever becomes of this one.
    state.standing = undefined;
    await fillOrUndo(deps, { gap, previous, head, windowFrom, batchSize: options.batchSize });
    return "behind";
  }
  const choice = chooseRange({ head, previous: previous?.number, options });
  const rangeAfter = (block: bigint): BlockRange | undefined => chooseRange({ head, previous: block, options }).range;
  const stored = await follow(deps, { choice, head, previous, windowFrom, rangeAfter }, state);
  if (stored === "moved") {
    state.standing = undefined;
    state.head = undefined;
    return "behind";
  }
  const isWhole = choice.range === undefined || stored?.number === choice.range.to;
  const outcome = isWhole ? choice.outcome : "behind";
  const gaps = outcome === "behind" ? [] : (await readAndTellStanding(deps, state)).gaps;
  tellProgress(deps, choice.head, stored?.number, state.counted);
  noteNodeBehind(deps, { head, indexedBlock: stored?.number ?? -1n }, state);
  return gaps.length > 0 ? "behind" : outcome;
}

interface Next extends Omit<NextBlocks, "range"> {
  readonly choice: RangeChoice;
}

/** The last stored block afterwards; "moved" when the chain was reorganised, which has then been undone. */
async function follow(deps: PipelineDeps, next: Next, state: LoopState): Promise<StoredBlock | undefined | "moved"> {
  const { choice, head, previous } = next;
  if (choice.range === undefined) {
    if (await hasMoved(deps, head, previous)) return "moved";
    return previous;
  }
  try {
    return await advance(deps, { ...next, range: choice.range }, state);
  } catch (error) {
    // Where the stored block still is on the chain, the answer that said otherwise was wrong.
    if (error instanceof ParentDiffers && (await hasMoved(deps, head, previous))) return "moved";
    throw error;
  }
}

/** A node that catches up is waited for; one that does not get on is another's turn, where there is another. */
function noteNodeBehind(
  deps: PipelineDeps,
  place: { readonly head: bigint; readonly indexedBlock: bigint },
  state: LoopState,
): void {
  state.looksBehind = place.head < place.indexedBlock ? state.looksBehind + 1 : 0;
  if (state.looksBehind === 0) return;
  const isStuck = state.looksBehind >= PATIENCE_LOOKS;
  const error = isStuck ? new NodeBehind(place) : undefined;
  deps.onEvent({ code: "indexer.node-behind", ...place, looks: state.looksBehind, error });
  if (error !== undefined && state.looksBehind % PATIENCE_LOOKS === 0) distrust(deps, error);
}

/** What does not fit the hashes on both sides of the gap may be of a chain that has moved. */
async function fillOrUndo(deps: PipelineDeps, toFill: GapToFill): Promise<void> {
  try {
    await fillGap(deps, toFill);
  } catch (error) {
    const isContradiction = error instanceof InconsistentAnswers || error instanceof ParentDiffers;
    if (!isContradiction || !(await hasMoved(deps, toFill.head, toFill.previous))) throw error;
  }
}

/** Whether a reorganisation was found, and undone. */
async function hasMoved(deps: PipelineDeps, head: bigint, previous: StoredBlock | undefined): Promise<boolean> {
  return previous !== undefined && (await settleReorg(deps, { head, previous }));
}

async function readAndTellStanding(deps: PipelineDeps, state: LoopState): Promise<Standing> {
  const standing = await readStanding(deps.pool);
  state.standing = standing;
  deps.onEvent({ code: "indexer.standing", ...standing });
  return standing;
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
  if (!(error instanceof TidegateError) || !isWorthATry(error)) throw error;
  if (failures > options.retries) {
    throw new RetriesExhausted({ failures, cause: error });
  }
  if (isAnothersTurn(error)) distrust(deps, error);
  const waitMs = backoffMs(failures, { ...BACKOFF, random: deps.random });
  deps.onEvent({ code: "indexer.retrying", failures, retries: options.retries, waitMs, error });
  return waitMs;
}

/** An endpoint that worked a moment ago and refuses now, for whatever reason, may do so no more in a while. */
function isWorthATry(error: TidegateError): boolean {
  return error.retry !== "never" || error.code.startsWith("rpc.");
}

function isAnothersTurn(error: TidegateError): boolean {
  return (
    error instanceof InconsistentAnswers ||
    error instanceof ParentDiffers ||
    error instanceof RpcRefused ||
    error instanceof RpcBlockTooLarge ||
    error instanceof RpcAnswerTooLarge
  );
}

/** Which of the two said what is not true, nobody knows: where there are others, others are asked. */
function distrust({ chain }: PipelineDeps, error: TidegateError): void {
  chain.logsClient.distrust(error);
  if (chain.client !== chain.logsClient) chain.client.distrust(error);
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms === 0 || signal.aborted) return;
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
