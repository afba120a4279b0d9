// The next blocks, made ready to be stored: fetched, decoded, what does not decode asked for again, rows written as COPY wants them.
import { countByName } from "./decode/count-by-name.ts";
import type { MarketEventName } from "./decode/abi.ts";
import { decodeBatch, type DecodedBatch } from "./decode/decode-batch.ts";
import { completeBatch, fetchChainOfOne, fetchLogs, type BatchQuestion } from "./fetch/fetch-batch.ts";
import { createPrefetch, type Prefetch } from "./fetch/prefetch.ts";
import { confirmLogs } from "./fetch/second-look.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";
import type { BatchToStore } from "./store/store-batch.ts";
import type { BlockRange, FetchedBatch } from "./types.ts";

/** Without the logs, which are no longer needed. */
export interface PreparedBatch extends Pick<BatchToStore, "fetched" | "rows" | "deadLetters"> {
  readonly events: ReadonlyMap<MarketEventName, number>;
}

export interface NextQuestion extends BatchQuestion {
  /** The blocks that come once those up to this one are stored; undefined when that is not known yet. */
  readonly rangeAfter: (block: bigint) => BlockRange | undefined;
}

export type Preparation = Prefetch<NextQuestion, PreparedBatch>;

/** Three stages, each at work on another batch: the logs are asked for; then headers and transactions; then all is decoded and encoded. */
export function createPreparation(deps: PipelineDeps): Preparation {
  const asking = createPrefetch(async (question: Pick<BatchQuestion, "range" | "signal">) =>
    fetchLogs(deps.chain, question),
  );
  const fetching = createPrefetch(async ({ rangeAfter, ...question }: NextQuestion) => {
    const { signal } = question;
    const headers = fetchChainOfOne(deps.chain, question);
    const found = await asking.take({ range: question.range, signal });
    const after = rangeAfter(found.range.to);
    if (after !== undefined) asking.begin({ range: after, signal });
    return completeBatch(deps.chain, question, found, headers);
  });
  return createPrefetch(async (question: NextQuestion) => {
    const fetched = await fetching.take(question);
    const after = questionAfter(question, fetched);
    if (after !== undefined) fetching.begin(after);
    return prepareBatch(deps, fetched);
  });
}

/** What is asked for after these blocks; undefined where nothing is yet. */
export function questionAfter(
  question: NextQuestion,
  { range, headers }: Pick<FetchedBatch, "range" | "headers">,
): NextQuestion | undefined {
  const last = headers.get(range.to);
  const after = question.rangeAfter(range.to);
  return last === undefined || after === undefined ? undefined : { ...question, range: after, previous: last };
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
