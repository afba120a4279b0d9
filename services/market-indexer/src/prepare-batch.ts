// The next blocks, made ready to be stored: fetched, decoded, what does not decode asked for again, rows written as COPY wants them.
import { countByName } from "./decode/count-by-name.ts";
import type { MarketEventName } from "./decode/abi.ts";
import { decodeBatch, type DecodedBatch } from "./decode/decode-batch.ts";
import { fetchBatch, type BatchQuestion } from "./fetch/fetch-batch.ts";
import { createPrefetch, type Prefetch } from "./fetch/prefetch.ts";
import { confirmLogs } from "./fetch/second-look.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import type { BatchToStore } from "./store/store-batch.ts";
import type { BlockPlace, FetchedBatch } from "./types.ts";

/** Without the logs, which are no longer needed. */
export interface PreparedBatch extends Pick<BatchToStore, "fetched" | "rows" | "deadLetters"> {
  readonly events: ReadonlyMap<MarketEventName, number>;
}

export interface NextQuestion extends BatchQuestion {
  /** What will be asked for once the blocks up to this one are stored; undefined when that is not known yet. */
  readonly questionAfter: (last: BlockPlace) => BatchQuestion | undefined;
}

export type Preparation = Prefetch<NextQuestion, PreparedBatch>;

/** While a batch is decoded, the one after it is being fetched. */
export function createPreparation(deps: PipelineDeps): Preparation {
  const fetching = createPrefetch<BatchQuestion, FetchedBatch>(async (question) => fetchBatch(deps.chain, question));
  return createPrefetch<NextQuestion, PreparedBatch>(async ({ questionAfter, ...question }) => {
    const fetched = await fetching.take(question);
    const after = nextQuestion(fetched, questionAfter);
    if (after !== undefined) fetching.begin({ ...after, signal: question.signal });
    return prepareBatch(deps, fetched);
  });
}

/** Undefined where nothing is to be asked for yet. */
export function nextQuestion(
  { range, headers }: Pick<FetchedBatch, "range" | "headers">,
  questionAfter: NextQuestion["questionAfter"],
): BatchQuestion | undefined {
  const last = headers.get(range.to);
  return last === undefined ? undefined : questionAfter(last);
}

export async function prepareBatch(deps: PipelineDeps, fetched: FetchedBatch): Promise<PreparedBatch> {
  const { events, deadLetters } = await decodeConfirmed(deps, fetched);
  const rows = await deps.store.encode(fetched, events);
  const { range, headers, windowFrom } = fetched;
  return { fetched: { range, headers, windowFrom }, rows, deadLetters, events: countByName(events) };
}

/** What does not decode is asked for again: only what an endpoint says twice, byte for byte, becomes a dead letter. */
async function decodeConfirmed(deps: PipelineDeps, fetched: FetchedBatch): Promise<DecodedBatch> {
  const decoded = await decodeBatch(fetched, deps.decodeLog);
  const numbers = new Set(decoded.deadLetters.map(({ log }) => log.blockNumber));
  const headers = [...fetched.headers.values()].filter(({ number }) => numbers.has(number));
  const { client, marketAddress } = deps.chain;
  await confirmLogs({ client, marketAddress, range: fetched.range, logs: fetched.logs, signal: deps.signal }, headers);
  return decoded;
}
