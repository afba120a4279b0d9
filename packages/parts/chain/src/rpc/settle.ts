// From calls to final outcomes: endpoints in order, then a wait, then again, as long as that can help.
import { retry, TidegateError, type RetryPolicy } from "@tidegate/kernel";
import { isPerhapsElsewhere } from "./classify-rpc-error.ts";
import { endpointsInOrder, markProbing, type Endpoint } from "./endpoint.ts";
import { whyNotOfChain } from "./endpoint-chain.ts";
import { exchange, isEndpointFault, type ExchangeDeps, type Item } from "./exchange.ts";
import { RpcRefused } from "./errors/rpc-refused.ts";
import { RpcRateLimited } from "./errors/rpc-rate-limited.ts";
import { RpcUnreachable } from "./errors/rpc-unreachable.ts";

export interface SettleDeps extends ExchangeDeps {
  readonly endpoints: readonly Endpoint[];
  /** That each endpoint must be of; undefined while any will do. */
  chainId: bigint | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly random: () => number;
}

/** Gives each item its final outcome; throws only the signal's reason. */
export async function settle(items: readonly Item[], signal: AbortSignal, deps: SettleDeps): Promise<void> {
  const { clock, random, retryPolicy, onEvent } = deps;
  let open = items;
  try {
    await retry(
      async () => {
        open = await tryEndpoints(open, signal, deps);
        const error = open.map(errorOf).find((each) => each !== undefined);
        if (error !== undefined) throw error;
      },
      {
        ...retryPolicy,
        signal,
        clock,
        random,
        isRetryable: () => true,
        onRetry: ({ error, attempt, waitMs }) => {
          const method = open[0]?.call.method ?? "";
          onEvent({ code: "rpc.retrying", method, attempt, waitMs, error: error as TidegateError });
        },
      },
    );
  } catch (error) {
    signal.throwIfAborted();
    // After the last attempt each open item keeps the error that it has; anything else is a fault of ours.
    if (!(error instanceof TidegateError) || open.some((item) => errorOf(item) === undefined)) throw error;
  }
}

/** One attempt: returns the items for which another may help. */
async function tryEndpoints(items: readonly Item[], signal: AbortSignal, deps: SettleDeps): Promise<readonly Item[]> {
  let pending = items;
  const later: Item[] = [];
  for (const endpoint of endpointsInOrder(deps.endpoints, deps.clock.monotonicMs())) {
    markProbing(endpoint, deps);
    await askOfChain(endpoint, pending, signal, deps);
    const open = pending.filter(mayRepeat);
    later.push(...open.filter((item) => !mayOtherDoBetter(errorOf(item))));
    pending = open.filter((item) => mayOtherDoBetter(errorOf(item)));
    if (pending.length === 0) break;
  }
  return [...pending, ...later].filter((item) => errorOf(item)?.retry !== "never");
}

/** Of one of another chain nothing is asked. */
async function askOfChain(
  endpoint: Endpoint,
  items: readonly Item[],
  signal: AbortSignal,
  deps: SettleDeps,
): Promise<void> {
  const { chainId } = deps;
  const error = chainId === undefined ? undefined : await whyNotOfChain(endpoint, chainId, signal, deps);
  if (error === undefined) return exchange(endpoint, items, signal, deps);
  for (const item of items) item.outcome = { ok: false, error };
}

/** Failed in a way that can change, and sending it again does no harm. */
function mayRepeat(item: Item): boolean {
  const error = errorOf(item);
  if (error === undefined) return false;
  if (!item.isRepeatable && !isNotDone(error)) return false;
  return mayOtherDoBetter(error) || error.retry !== "never";
}

function mayOtherDoBetter(error: TidegateError | undefined): boolean {
  return isEndpointFault(error) || (error instanceof RpcRefused && isPerhapsElsewhere(error));
}

function isNotDone(error: TidegateError): boolean {
  return error instanceof RpcRateLimited || (error instanceof RpcUnreachable && error.isNotDone);
}

function errorOf({ outcome }: Item): TidegateError | undefined {
  return outcome?.ok === false ? outcome.error : undefined;
}
