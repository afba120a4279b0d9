// All that the chain says about one range of blocks: logs, their headers, their transactions.
import { getBlockNumber, getLogs, type RpcClient } from "@tidegate/chain";
import type { Clock } from "@tidegate/kernel";
import { MARKET_TOPICS } from "../decode/abi.ts";
import type { BlockRange, FetchedBatch } from "../types.ts";
import { checkBatch } from "./check-batch.ts";
import { fetchHeaders } from "./fetch-headers.ts";
import { fetchTransactions, type TxFetchStrategy } from "./fetch-transactions.ts";

export interface ChainDeps {
  readonly client: RpcClient;
  /** For eth_getLogs; may be the same. */
  readonly logsClient: RpcClient;
  readonly marketAddress: string;
  readonly strategy: TxFetchStrategy;
  readonly clock: Clock;
}

/** The newest block that both endpoints know: an endpoint that is behind gives no logs for what it does not know, and no error. */
export async function fetchHead(deps: ChainDeps, signal?: AbortSignal): Promise<bigint> {
  const head = await getBlockNumber({ client: deps.client, signal });
  if (deps.logsClient === deps.client) return head;
  const logsHead = await getBlockNumber({ client: deps.logsClient, signal });
  return logsHead < head ? logsHead : head;
}

/** Fetches and checks one range; throws InconsistentAnswers or what the client throws. `from`'s header is in it when asked for. */
export async function fetchBatch(
  deps: ChainDeps,
  range: BlockRange,
  options: { readonly withFirstHeader?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<FetchedBatch> {
  const { signal } = options;
  const logs = await getLogs({
    client: deps.logsClient,
    address: deps.marketAddress,
    topics: [MARKET_TOPICS],
    fromBlock: range.from,
    toBlock: range.to,
    signal,
  });
  const numbers = new Set(logs.map((log) => log.blockNumber)).add(range.to);
  if (options.withFirstHeader === true) numbers.add(range.from);
  const [headers, transactions] = await Promise.all([
    fetchHeaders({ ...deps, range, numbers: [...numbers], signal }),
    fetchTransactions({ ...deps, range, logs, signal }),
  ]);
  const batch: FetchedBatch = { range, logs, headers, transactions };
  checkBatch(batch);
  return batch;
}
