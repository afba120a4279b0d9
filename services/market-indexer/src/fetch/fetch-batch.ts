// All that the chain says about one range of blocks: logs, headers, transactions; and what speaks against it.
import { getBlockNumber, getLogsUpTo, type RpcClient, type RpcLog } from "@tidegate/chain";
import type { Clock } from "@tidegate/kernel";
import type { BLOOM_CHECKS } from "../config.ts";
import { MARKET_TOPICS } from "../decode/abi.ts";
import { InconsistentAnswers } from "../errors.ts";
import type { BlockHeader, BlockRange, FetchedBatch, FetchedLog, PreviousBlock } from "../types.ts";
import type { JudgeBloom } from "./bloom-suspicion.ts";
import { checkBatch, checkChain, isSameHeader } from "./check-batch.ts";
import { fetchHeaders } from "./fetch-headers.ts";
import { fetchTransactions, type TxFetchStrategy } from "./fetch-transactions.ts";
import { checkBlooms, confirmLogs, type BloomCheck } from "./second-look.ts";

export interface ChainDeps {
  readonly client: RpcClient;
  /** For eth_getLogs; may be the same. */
  readonly logsClient: RpcClient;
  readonly marketAddress: string;
  readonly strategy: TxFetchStrategy;
  readonly bloomCheck: (typeof BLOOM_CHECKS)[number];
  readonly judgeBloom: JudgeBloom;
  /** A batch ends with the answer that brings it so many. */
  readonly enoughLogs: number;
  readonly clock: Clock;
}

export interface BatchQuestion {
  /** At most these; fewer, from the first on, where their logs would be too many for one batch. */
  readonly range: BlockRange;
  /** The stored block before the range; undefined when there is none. */
  readonly previous: PreviousBlock | undefined;
  /** The chain's newest block. */
  readonly head: bigint;
  /** First block that may still be undone: from it on, every header is fetched. */
  readonly windowFrom: bigint;
  readonly signal?: AbortSignal | undefined;
}

/** The newest block that both endpoints know: an endpoint that is behind gives no logs for what it does not know, and no error. */
export async function fetchHead(deps: ChainDeps, signal?: AbortSignal): Promise<bigint> {
  const head = await getBlockNumber({ client: deps.client, signal });
  if (deps.logsClient === deps.client) return head;
  const logsHead = await getBlockNumber({ client: deps.logsClient, signal });
  return logsHead < head ? logsHead : head;
}

type Headers = ReadonlyMap<bigint, BlockHeader>;

/** The logs of a range, or of its first blocks; nothing else is known of them yet. */
export interface FetchedLogs {
  readonly range: BlockRange;
  readonly logs: RpcLog[];
  /** As the endpoint wrote them, where they are of one block. */
  readonly raw: Buffer | undefined;
}

/** Throws what the client throws. */
export async function fetchLogs(
  deps: ChainDeps,
  { range, signal }: Pick<BatchQuestion, "range" | "signal">,
): Promise<FetchedLogs> {
  const { logs, toBlock, raw } = await getLogsUpTo(
    {
      client: deps.logsClient,
      address: deps.marketAddress,
      topics: [MARKET_TOPICS],
      fromBlock: range.from,
      toBlock: range.to,
      signal,
    },
    deps.enoughLogs,
  );
  return { logs, raw, range: { from: range.from, to: toBlock } };
}

/** Fetches and checks one range, or its first blocks; throws ParentDiffers, InconsistentAnswers, or what the client throws. */
export async function fetchBatch(deps: ChainDeps, question: BatchQuestion): Promise<FetchedBatch> {
  return completeBatch(deps, question, await fetchLogs(deps, question));
}

/**
 * The headers of a range of one block, which are the same whatever its logs are, and may so be asked for beside them; undefined where they
 * depend on the logs.
 */
export function fetchChainOfOne(deps: ChainDeps, question: BatchQuestion): Promise<Headers> | undefined {
  if (question.range.from !== question.range.to) return undefined;
  const headers = fetchChain(deps, question, []);
  // Awaited when the logs are there.
  headers.catch(() => undefined);
  return headers;
}

/** The same, where the logs are there, and perhaps the headers; what was true when they came may be so no more, which is seen. */
export async function completeBatch(
  deps: ChainDeps,
  question: BatchQuestion,
  { range, logs, raw }: FetchedLogs,
  asking?: Promise<Headers>,
): Promise<FetchedBatch> {
  const { windowFrom, signal } = question;
  const asked = { ...question, range };
  const headers = await (asking ?? fetchChain(deps, asked, logs));
  const [transactions] = await Promise.all([
    fetchTransactions({ ...deps, range, logs, signal }),
    range.to < question.head ? undefined : confirmHead(deps, range, headers, signal),
    deps.bloomCheck === "off"
      ? confirmNearLogs(deps, asked, { headers, logs })
      : checkBlooms({ ...bloomCheckOf(deps, asked, { headers, logs }), known: raw && { logs, raw } }),
  ]);
  const batch: FetchedBatch = { range, logs, headers, transactions, windowFrom };
  checkBatch(batch);
  return batch;
}

/**
 * The headers, each seen to follow on the one before it. That the last one's hash is true, the block after it says, and what the
 * very first one follows on, the block before it: nothing that is stored hangs on one answer.
 */
async function fetchChain(deps: ChainDeps, question: BatchQuestion, logs: readonly FetchedLog[]): Promise<Headers> {
  const { range, previous, head, signal } = question;
  const numbers = numbersToFetch(deps, question, logs);
  const parent = previous === undefined && range.from > 0n ? [range.from - 1n] : [];
  const after = range.to < head ? [...new Set([range.to + 1n, provesWindow(question)])] : [];
  const headers = await fetchHeaders({ ...deps, range, numbers: [...parent, ...numbers, ...after], signal });
  // Before anything else is asked for: a chain that has moved makes the rest worthless.
  checkChain(headers, previous);
  for (const number of [...parent, ...after]) headers.delete(number);
  return headers;
}

/**
 * The block by which those before the window can no longer be undone: it must be there. A head that one answer puts too high would
 * make what is kept for undoing be forgotten.
 */
function provesWindow({ range, head, windowFrom }: BatchQuestion): bigint {
  const depth = head - windowFrom + 1n;
  return range.to + depth < head ? range.to + depth : head;
}

/** The newest block has none after it: it is asked for twice. */
async function confirmHead(
  deps: ChainDeps,
  range: BlockRange,
  headers: Headers,
  signal: AbortSignal | undefined,
): Promise<void> {
  const again = await fetchHeaders({ ...deps, range, numbers: [range.to], signal });
  const [first, second] = [headers.get(range.to), again.get(range.to)];
  if (first !== undefined && second !== undefined && isSameHeader(first, second)) return;
  throw new InconsistentAnswers({ ...range, reason: `block ${range.to} changed between two answers` });
}

/** Without blooms to hold them against, the logs of each block near the head must come twice. */
async function confirmNearLogs(
  deps: ChainDeps,
  { range, windowFrom, signal }: BatchQuestion,
  came: Pick<FetchedBatch, "headers" | "logs">,
): Promise<void> {
  const near = [...came.headers.values()].filter(({ number }) => number >= windowFrom);
  await confirmLogs({ ...deps, range, logs: came.logs, signal }, near);
}

function bloomCheckOf(
  deps: ChainDeps,
  { range, windowFrom, signal }: BatchQuestion,
  came: Pick<FetchedBatch, "headers" | "logs">,
): BloomCheck {
  const { client, marketAddress, judgeBloom: judge, bloomCheck, clock } = deps;
  return { client, marketAddress, judge, clock, range, windowFrom, signal, ...came, isThorough: bloomCheck === "all" };
}

/** All of them, or the first, the last, those with logs, and those that may still be undone. */
function numbersToFetch(deps: ChainDeps, question: BatchQuestion, logs: readonly FetchedLog[]): readonly bigint[] {
  const { range, windowFrom } = question;
  const isEach = deps.bloomCheck === "all";
  const numbers = new Set(isEach ? [] : [range.from, ...logs.map((log) => log.blockNumber), range.to]);
  const eachFrom = isEach || windowFrom < range.from ? range.from : windowFrom;
  for (let number = eachFrom; number <= range.to; number++) numbers.add(number);
  return [...numbers];
}
