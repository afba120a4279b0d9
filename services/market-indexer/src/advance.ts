// The next blocks, prepared while those before them were stored, and what the order stream shows of their time: stored.
import { questionAfter, type NextQuestion, type Preparation } from "./prepare-batch.ts";
import type { Counted, PipelineDeps } from "./pipeline-deps.ts";
import type { StoredBlock } from "./store/progress.ts";
import type { OffchainRequest, StoredRange } from "./types.ts";

export interface NextBlocks extends NextQuestion {
  readonly previous: StoredBlock | undefined;
}

interface Advancing {
  readonly counted: Counted;
  readonly preparation: Preparation;
}

/** Returns the last stored block: that of the range, or one before it where the range has too many logs for one batch. */
export async function advance(
  deps: PipelineDeps,
  next: NextBlocks,
  { counted, preparation }: Advancing,
): Promise<StoredBlock> {
  const { signal } = deps;
  const { events, ...prepared } = await preparation.take({ ...next, signal });
  const after = questionAfter({ ...next, signal }, prepared.fetched);
  if (after !== undefined) preparation.begin(after);
  const offchain = await fetchOffchain(deps, prepared.fetched, next.previous);
  signal.throwIfAborted();
  const stored = await deps.store.append({ ...prepared, offchain, previous: next.previous });
  const count = [...events.values()].reduce((sum, one) => sum + one, 0);
  counted.events += count;
  counted.rate.add(count);
  deps.onEvent({
    code: "indexer.batch-stored",
    range: prepared.fetched.range,
    events,
    offchainRequests: offchain?.length ?? 0,
    deadLetters: prepared.deadLetters.length,
  });
  return stored;
}

/**
 * Orders from a second before the previous batch's last block to a second after this one's: the windows overlap, so that no order
 * falls between two batches, however late its batch was read. What comes twice is merged.
 */
async function fetchOffchain(
  deps: PipelineDeps,
  { range, headers }: StoredRange,
  previous: StoredBlock | undefined,
): Promise<readonly OffchainRequest[] | undefined> {
  const first = previous?.timestamp ?? headers.get(range.from)?.timestamp;
  const last = headers.get(range.to)?.timestamp;
  if (first === undefined || last === undefined) return undefined;
  return deps.fetchOrders?.({ after: first - 1n, before: last + 1n }, deps.signal);
}
