// Who sent the transactions that logs come from: asked for one by one, or with all receipts of their blocks.
import { getBlockReceipts, getTransactionsByHash, type RpcClient, type RpcReceipt } from "@tidegate/chain";
import type { Clock } from "@tidegate/kernel";
import type { TX_FETCH_STRATEGIES } from "../config.ts";
import type { BlockRange, FetchedLog, TransactionOrigin } from "../types.ts";
import { fetchPresent } from "./fetch-present.ts";
import { checkSameLogs, isOfMarket } from "./same-logs.ts";

export type TxFetchStrategy = (typeof TX_FETCH_STRATEGIES)[number];

export interface FetchTransactions {
  readonly client: RpcClient;
  readonly marketAddress: string;
  readonly strategy: TxFetchStrategy;
  readonly range: BlockRange;
  readonly logs: readonly FetchedLog[];
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** By hash, the transactions of the logs and no other; throws InconsistentAnswers when one stays unknown. */
export async function fetchTransactions(input: FetchTransactions): Promise<Map<string, TransactionOrigin>> {
  switch (input.strategy) {
    case "tx-by-hash":
      return byHash(input);
    case "block-receipts":
      return byBlock(input);
  }
}

async function byHash(input: FetchTransactions): Promise<Map<string, TransactionOrigin>> {
  const { client, signal } = input;
  const found = new Map<string, TransactionOrigin>();
  await fetchPresent<string, TransactionOrigin>({
    ...input,
    what: "transactions",
    keys: distinct(input.logs.map((log) => log.transactionHash)),
    ask: (hashes) => getTransactionsByHash({ client, hashes, signal }),
    take: (hash, transaction) => found.set(hash, transaction),
  });
  return found;
}

/**
 * A block without one of its transactions counts as not there: the endpoint is asked for it again. Receipts hold the logs too: they
 * must be those that came.
 */
async function byBlock(input: FetchTransactions): Promise<Map<string, TransactionOrigin>> {
  const { client, signal } = input;
  const wanted = new Map<bigint, Set<string>>();
  for (const { blockNumber, transactionHash } of input.logs) {
    const hashes = wanted.get(blockNumber) ?? new Set();
    wanted.set(blockNumber, hashes.add(transactionHash));
  }
  const logsByBlock = Map.groupBy(input.logs, (log) => log.blockNumber);
  const found = new Map<string, TransactionOrigin>();
  await fetchPresent<bigint, readonly RpcReceipt[]>({
    ...input,
    what: "blocks' receipts",
    keys: [...wanted.keys()],
    ask: async (numbers) => {
      const answers = await getBlockReceipts({ client, numbers, signal });
      return numbers.map((number, index) => whole(answers[index] ?? null, wanted.get(number) ?? new Set()));
    },
    take: (number, receipts) => {
      const logs = receipts.flatMap((receipt) => receipt.logs).filter((log) => isOfMarket(log, input.marketAddress));
      const byIndex = logs.toSorted((left, right) => left.logIndex - right.logIndex);
      checkSameLogs(input.range, number, logsByBlock.get(number) ?? [], byIndex);
      const hashes = wanted.get(number) ?? new Set();
      for (const { logs: _logs, ...origin } of receipts) {
        if (hashes.has(origin.transactionHash)) found.set(origin.transactionHash, origin);
      }
    },
  });
  return found;
}

function whole(receipts: readonly RpcReceipt[] | null, wanted: ReadonlySet<string>): readonly RpcReceipt[] | null {
  const there = receipts?.filter((receipt) => wanted.has(receipt.transactionHash)).length ?? 0;
  return there === wanted.size ? receipts : null;
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
