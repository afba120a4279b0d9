// The next blocks: fetched, decoded, stored.
import { countByName } from "./decode/count-by-name.ts";
import { decodeBatch, type DecodedBatch } from "./decode/decode-batch.ts";
import type { BatchQuestion } from "./fetch/fetch-batch.ts";
import type { Prefetch } from "./fetch/prefetch.ts";
import { confirmLogs } from "./fetch/second-look.ts";
import type { Counted, PipelineDeps } from "./pipeline-deps.ts";
import type { StoredBlock } from "./store/progress.ts";
import type { BlockPlace, FetchedBatch, OffchainRequest } from "./types.ts";

export interface NextBlocks extends BatchQuestion {
  readonly previous: StoredBlock | undefined;
  /** What will be asked for once the blocks up to this one are stored; undefined when that is not known yet. */
  readonly questionAfter: (last: BlockPlace) => BatchQuestion | undefined;
}

interface Advancing {
  readonly counted: Counted;
  readonly prefetch: Prefetch;
}

/** Returns the last stored block: that of the range, or one before it where the range has too many logs for one batch. */
export async function advance(
  deps: PipelineDeps,
  next: NextBlocks,
  { counted, prefetch }: Advancing,
): Promise<StoredBlock> {
  const { signal } = deps;
  const fetched = await prefetch.take({ ...next, signal });
  const last = fetched.headers.get(fetched.range.to);
  const after = last === undefined ? undefined : next.questionAfter(last);
  if (after !== undefined) prefetch.begin({ ...after, signal });
  const decoded = await decodeConfirmed(deps, fetched);
  const offchain = await fetchOffchain(deps, fetched, next.previous);
  signal.throwIfAborted();
  const stored = await deps.store.append({ fetched, ...decoded, offchain, previous: next.previous });
  const { events, deadLetters } = decoded;
  counted.events += events.length;
  counted.rate.add(events.length);
  deps.onEvent({
    code: "indexer.batch-stored",
    range: fetched.range,
    events: countByName(events),
    offchainRequests: offchain?.length ?? 0,
    deadLetters: deadLetters.length,
  });
  return stored;
}

/** What does not decode is asked for again: only what an endpoint says twice, byte for byte, becomes a dead letter. */
export async function decodeConfirmed(deps: PipelineDeps, fetched: FetchedBatch): Promise<DecodedBatch> {
  const decoded = decodeBatch(fetched, deps.decodeLog);
  const numbers = new Set(decoded.deadLetters.map(({ log }) => log.blockNumber));
  const headers = [...fetched.headers.values()].filter(({ number }) => numbers.has(number));
  const { client, marketAddress } = deps.chain;
  await confirmLogs({ client, marketAddress, range: fetched.range, logs: fetched.logs, signal: deps.signal }, headers);
  return decoded;
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
