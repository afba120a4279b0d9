// The chain may have moved: what it no longer has is undone, so that the next batch follows on what it has.
import { ReorgTooDeep } from "./errors.ts";
import { findFork, type ForkSearch } from "./fetch/find-fork.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import { readFirstBlock } from "./store/market-identity.ts";
import type { StoredBlock } from "./store/progress.ts";
import { undoBlocks } from "./store/undo-blocks.ts";
import { readWindow } from "./store/unfinalized-blocks.ts";

export interface Suspected {
  readonly head: bigint;
  readonly previous: StoredBlock;
}

/** Before the second opinion on a reorganisation that cannot be undone. */
const SECOND_OPINION_MS = 1_000;

/**
 * True when the indexer is to go on at once: blocks were undone, or another endpoint is asked from now on. False when what is stored
 * still is on the chain. Throws ReorgTooDeep.
 */
export async function settleReorg(deps: PipelineDeps, { head, previous }: Suspected): Promise<boolean> {
  const first = await searchOrTooDeep(deps, head);
  if (first instanceof ReorgTooDeep) {
    // An endpoint of another chain, or a broken one, must not stop the indexer for good: another is asked, or the same again.
    deps.chain.client.distrust(first);
    if (deps.chain.logsClient !== deps.chain.client) deps.chain.logsClient.distrust(first);
    await deps.clock.sleep(SECOND_OPINION_MS, deps.signal);
  }
  const found = first instanceof ReorgTooDeep ? await search(deps, head) : first;
  if (found.kind === "same") return first instanceof ReorgTooDeep;
  const { fork } = found;
  deps.signal.throwIfAborted();
  const undoneEvents = await undoBlocks(deps.pool, { fork, previous });
  deps.onEvent({
    code: "indexer.reorg-undone",
    forkBlock: fork.number,
    undoneTo: previous.number,
    undoneEvents,
  });
  return true;
}

async function searchOrTooDeep(deps: PipelineDeps, head: bigint): Promise<ForkSearch | ReorgTooDeep> {
  try {
    return await search(deps, head);
  } catch (error) {
    if (error instanceof ReorgTooDeep) return error;
    throw error;
  }
}

async function search({ chain, pool, signal }: PipelineDeps, head: bigint): Promise<ForkSearch> {
  const [window, first] = [await readWindow(pool), await readFirstBlock(pool)];
  const isWholeHistory = first !== undefined && (window[0]?.number ?? 0n) <= first;
  return findFork({ client: chain.client, clock: chain.clock, head, window, isWholeHistory, signal });
}
