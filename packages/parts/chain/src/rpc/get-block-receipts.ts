// eth_getBlockReceipts, by the batch. Fields beyond those read here (the L1 fees of OP-stack chains) do not matter.
import { callAll } from "./call-all.ts";
import { orNull, parseAddress, parseHash, parseIndex, parseList, parseObject, parseNumber, type Hex } from "./parse.ts";
import { parseLog, type RpcLog } from "./parse-logs.ts";
import type { RpcClient } from "./rpc-client.ts";

/** Where a transaction stands, who sent it, and whether it succeeded. */
export interface RpcReceipt {
  readonly transactionHash: Hex;
  readonly from: Hex;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
  readonly transactionIndex: number;
  /** Null before Byzantium (EIP-658). */
  readonly succeeded: boolean | null;
  /** Of every contract. */
  readonly logs: readonly RpcLog[];
}

/** The receipts of each block, in the order of the numbers; null for a block that the endpoint does not have. */
export async function getBlockReceipts(deps: {
  client: RpcClient;
  numbers: readonly bigint[];
  signal?: AbortSignal | undefined;
}): Promise<(readonly RpcReceipt[] | null)[]> {
  const calls = deps.numbers.map((number) => ({
    method: "eth_getBlockReceipts",
    params: [number],
    parse: orNull((result) => parseList(result, "the receipts").map((receipt) => parseReceipt(receipt, number))),
  }));
  return callAll(deps.client, calls, deps.signal);
}

function parseReceipt(result: unknown, asked: bigint): RpcReceipt {
  const receipt = parseObject(result, "the receipt");
  const blockNumber = parseNumber(receipt["blockNumber"], "the receipt's blockNumber");
  if (blockNumber !== asked) throw new TypeError(`a receipt of block ${blockNumber} came for block ${asked}`);
  return {
    transactionHash: parseHash(receipt["transactionHash"], "the receipt's transactionHash"),
    from: parseAddress(receipt["from"], "the receipt's from"),
    blockNumber,
    blockHash: parseHash(receipt["blockHash"], "the receipt's blockHash"),
    transactionIndex: parseIndex(receipt["transactionIndex"], "the receipt's transactionIndex"),
    succeeded: orNull((status) => parseIndex(status, "the receipt's status") === 1)(receipt["status"]),
    logs: parseList(receipt["logs"], "the receipt's logs").map((log) => parseLog(log)),
  };
}
