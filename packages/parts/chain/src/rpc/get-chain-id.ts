// eth_chainId (EIP-695).
import { parseQuantity } from "./parse.ts";
import type { RpcClient } from "./rpc-client.ts";

/** The chain that the endpoint serves. */
export async function getChainId(deps: { client: RpcClient; signal?: AbortSignal | undefined }): Promise<bigint> {
  const parse = (result: unknown): bigint => parseQuantity(result, "the chain id");
  return deps.client.call("eth_chainId", [], { signal: deps.signal, parse });
}
