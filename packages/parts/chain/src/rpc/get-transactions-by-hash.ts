// eth_getTransactionByHash, by the batch.
import { callAll } from "./call-all.ts";
import { orNull, parseAddress, parseHash, parseIndex, parseObject, parseNumber, type Hex } from "./parse.ts";
import type { RpcClient } from "./rpc-client.ts";

/** Where a transaction stands and who sent it. */
export interface RpcTransaction {
  readonly hash: Hex;
  readonly from: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly transactionIndex: number;
}

/** In the order of the hashes; null for a transaction that the endpoint does not have, or has in no block yet. */
export async function getTransactionsByHash(deps: {
  client: RpcClient;
  hashes: readonly string[];
  signal?: AbortSignal | undefined;
}): Promise<(RpcTransaction | null)[]> {
  const calls = deps.hashes.map((hash) => ({
    method: "eth_getTransactionByHash",
    params: [hash],
    parse: orNull((result) => parseTransaction(result, hash)),
  }));
  return callAll(deps.client, calls, deps.signal);
}

function parseTransaction(result: unknown, asked: string): RpcTransaction | null {
  const transaction = parseObject(result, "the transaction");
  const hash = parseHash(transaction["hash"], "the transaction's hash");
  if (hash !== asked.toLowerCase()) throw new TypeError(`transaction ${hash} came instead of ${asked}`);
  if (transaction["blockNumber"] === null || transaction["blockNumber"] === undefined) return null;
  return {
    hash,
    from: parseAddress(transaction["from"], "the transaction's from"),
    blockNumber: parseNumber(transaction["blockNumber"], "the transaction's blockNumber"),
    blockHash: parseHash(transaction["blockHash"], "the transaction's blockHash"),
    transactionIndex: parseIndex(transaction["transactionIndex"], "the transaction's transactionIndex"),
  };
}
