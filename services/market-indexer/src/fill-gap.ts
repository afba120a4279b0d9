// Blocks that are missing, whoever removed them: fetched again, checked against the hashes on both sides.
import { InconsistentAnswers } from "./errors.ts";
import { fetchBatch } from "./fetch/fetch-batch.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import { prepareBatch } from "./prepare-batch.ts";
import type { Gap } from "./store/coverage.ts";
import type { StoredBlock } from "./store/progress.ts";

export interface GapToFill {
  readonly gap: Gap;
  /** The last stored block. */
  readonly previous: StoredBlock;
  readonly head: bigint;
  readonly windowFrom: bigint;
  /** Blocks after the first. */
  readonly batchSize: number;
}

/** Stores the gap's first blocks, as many as a batch has. */
export async function fillGap(deps: PipelineDeps, toFill: GapToFill): Promise<void> {
  const { gap, previous, head, windowFrom, batchSize } = toFill;
  const { signal } = deps;
  const last = gap.from + BigInt(batchSize);
  const range = { from: gap.from, to: last < gap.to ? last : gap.to };
  const { parentHash: hash } = gap;
  const before = hash === undefined ? undefined : { number: gap.from - 1n, hash, timestamp: undefined };
  const fetched = await fetchBatch(deps.chain, { range, previous: before, head, windowFrom, signal });
  const there = fetched.headers.get(gap.to)?.hash;
  if (fetched.range.to === gap.to && there !== gap.lastHash) {
    const reason = `block ${gap.to} is ${there ?? "unknown"}, but ${gap.lastHash} is what the stored block after it follows on`;
    throw new InconsistentAnswers({ ...range, reason });
  }
  const { events, ...prepared } = await prepareBatch(deps, fetched);
  signal.throwIfAborted();
  await deps.store.fillGap({ ...prepared, offchain: undefined, previous });
  const count = [...events.values()].reduce((sum, one) => sum + one, 0);
  deps.onEvent({ code: "indexer.gap-filled", range: fetched.range, events: count });
}
