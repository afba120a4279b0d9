// eth_blockNumber.
import { parseNumber } from "./parse.ts";
import type { RpcClient } from "./rpc-client.ts";

/** The head of the chain, as the endpoint sees it. */
export async function getBlockNumber(deps: { client: RpcClient; signal?: AbortSignal | undefined }): Promise<bigint> {
  const parse = (result: unknown): bigint => parseNumber(result, "the block number");
  return deps.client.call("eth_blockNumber", [], { signal: deps.signal, parse });
}
