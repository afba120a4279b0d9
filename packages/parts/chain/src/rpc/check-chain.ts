// The wrong chain's events must never reach the right chain's tables.
import { WrongChainId } from "./errors/wrong-chain-id.ts";
import { getChainId } from "./get-chain-id.ts";
import type { RpcClient } from "./rpc-client.ts";

/** Throws WrongChainId when the endpoint serves another chain. */
export async function checkChain(deps: {
  client: RpcClient;
  chainId: bigint;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const actual = await getChainId(deps);
  if (actual !== deps.chainId) throw new WrongChainId({ expected: deps.chainId, actual });
}
