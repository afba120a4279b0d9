// eth_getBlockByNumber: headers, by the batch.
import { callAll } from "./call-all.ts";
import { orNull, parseData, parseHash, parseObject, parseNumber, parseQuantity, type Hex } from "./parse.ts";
import type { RpcClient } from "./rpc-client.ts";

export interface RpcBlock {
  readonly number: bigint;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Wei; null before London (EIP-1559). */
  readonly baseFeePerGas: bigint | null;
  /** 256 bytes; null where the chain has none. */
  readonly logsBloom: Hex | null;
}

/** The headers in the order of the numbers; null for a block that the endpoint does not have. */
export async function getBlocksByNumber(deps: {
  client: RpcClient;
  numbers: readonly bigint[];
  signal?: AbortSignal | undefined;
}): Promise<(RpcBlock | null)[]> {
  const calls = deps.numbers.map((number) => ({
    method: "eth_getBlockByNumber",
    params: [number, false],
    parse: orNull((result) => parseBlock(result, number)),
  }));
  return callAll(deps.client, calls, deps.signal);
}

function parseBlock(result: unknown, asked: bigint): RpcBlock {
  const block = parseObject(result, "the block");
  const number = parseNumber(block["number"], "the block's number");
  if (number !== asked) throw new TypeError(`block ${number} came instead of block ${asked}`);
  const baseFee = block["baseFeePerGas"];
  return {
    number,
    hash: parseHash(block["hash"], "the block's hash"),
    parentHash: parseHash(block["parentHash"], "the block's parentHash"),
    timestamp: parseNumber(block["timestamp"], "the block's timestamp"),
    baseFeePerGas: orNull((value) => parseQuantity(value, "the block's baseFeePerGas"))(baseFee),
    logsBloom: orNull((value) => parseData(value, "the block's logsBloom"))(block["logsBloom"]),
  };
}
