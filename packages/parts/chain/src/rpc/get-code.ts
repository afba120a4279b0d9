// eth_getCode.
import { parseData, type Hex } from "./parse.ts";
import type { RpcClient } from "./rpc-client.ts";

/** The code of the contract at an address, at the head; "0x" when there is none. */
export async function getCode(deps: {
  client: RpcClient;
  address: string;
  signal?: AbortSignal | undefined;
}): Promise<Hex> {
  const parse = (result: unknown): Hex => parseData(result, "the code");
  return deps.client.call("eth_getCode", [deps.address, "latest"], { signal: deps.signal, parse });
}
