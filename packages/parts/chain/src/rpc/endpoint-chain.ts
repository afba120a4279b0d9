// Which chain an endpoint serves: asked before its first answer is used, and again whenever it comes back.
import type { TidegateError } from "@tidegate/kernel";
import { markFailed, type Endpoint } from "./endpoint.ts";
import { WrongChainId } from "./errors/wrong-chain-id.ts";
import { exchange, type ExchangeDeps, type Item } from "./exchange.ts";
import { parseQuantity } from "./parse.ts";

/** Why nothing that it says may be used; undefined where it is of the chain. Throws only the signal's reason. */
export async function whyNotOfChain(
  endpoint: Endpoint,
  expected: bigint,
  signal: AbortSignal,
  deps: ExchangeDeps,
): Promise<TidegateError | undefined> {
  if (endpoint.isOfChain) return undefined;
  const startedMs = deps.clock.monotonicMs();
  const parse = (result: unknown): bigint => parseQuantity(result, "the chain id");
  const item: Item = { call: { method: "eth_chainId", params: [], parse }, isRepeatable: true, outcome: undefined };
  await exchange(endpoint, [item], signal, deps);
  if (item.outcome?.ok === false) return item.outcome.error;
  const actual = item.outcome?.value as bigint;
  if (actual !== expected) {
    const error = new WrongChainId({ expected, actual, url: endpoint.shownUrl });
    markFailed(endpoint, error, startedMs, deps);
    return error;
  }
  endpoint.isOfChain = true;
  return undefined;
}
