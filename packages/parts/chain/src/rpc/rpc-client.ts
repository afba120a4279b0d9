// The JSON-RPC client: batches, several endpoints, retries, limits. https://ethereum.org/developers/docs/apis/json-rpc
import { systemClock, type Clock, type RetryPolicy, type TidegateError } from "@tidegate/kernel";
import { Agent } from "undici";
import { createEndpoint, endpointsInOrder, markFailed } from "./endpoint.ts";
import { RpcClientClosed } from "./errors/rpc-client-closed.ts";
import { RpcUrlInvalid } from "./errors/rpc-url-invalid.ts";
import type { Item } from "./exchange.ts";
import { createLimiter } from "./limiter.ts";
import { createLogRange, type LogRange } from "./log-range.ts";
import { isRepeatable, type RpcCall, type RpcOutcome } from "./rpc-call.ts";
import type { RpcEvent } from "./rpc-event.ts";
import { settle, type SettleDeps } from "./settle.ts";

export interface RpcClientOptions {
  /** Endpoints, the preferred one first. User and password are sent as basic authorization. */
  readonly urls: readonly string[];
  /** For one HTTP exchange. Default 15,000. */
  readonly requestTimeoutMs?: number;
  /** Calls in one JSON-RPC batch. Default 100. */
  readonly maxBatch?: number;
  /** HTTP exchanges in flight. Default 8. */
  readonly maxConcurrent?: number;
  /** Calls, those in a batch counted singly, with bursts of one second's worth. Default no limit. */
  readonly maxRequestsPerSecond?: number;
  /** Body of one answer. Default 256 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * What one answer to eth_getLogs should have: so large that asking costs little beside it, so small that nobody waits for its reading. The
   * next range is chosen by the bytes of the last answer. Default 8 MiB.
   */
  readonly aimLogBytes?: number;
  /** Rest of an endpoint after its first failure; doubles up to five minutes. Default 5,000. */
  readonly restMs?: number;
  /** An attempt goes through all endpoints that do not rest. Default 6 attempts, waits up to 200 ms to 10 s. */
  readonly retry?: RetryPolicy;
  readonly onEvent?: (event: RpcEvent) => void;
  readonly clock?: Clock;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
}

export interface RpcCallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly isRepeatable?: boolean;
}

export interface RpcClient {
  /** One call; throws RpcUnreachable, RpcRateLimited, RpcRefused, RpcRangeTooLarge, RpcAnswerTooLarge or RpcBadAnswer. */
  call(method: string, params: readonly unknown[], options?: RpcCallOptions): Promise<unknown>;
  call<T>(
    method: string,
    params: readonly unknown[],
    options: RpcCallOptions & Pick<RpcCall<T>, "scan"> & { readonly parse: (result: unknown) => T },
  ): Promise<T>;
  /** Many calls, in as few requests as possible; outcomes in the order of the calls, each its own. */
  batch<T>(
    calls: readonly RpcCall<T>[],
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<RpcOutcome<T>[]>;
  /**
   * What the preferred endpoint says is not true, as the caller found out by comparing: it rests, and another is preferred. Does
   * nothing where there is no other.
   */
  distrust(error: TidegateError): void;
  /**
   * From now on each endpoint is asked which chain it serves before its first answer is used, and whenever it comes back; of one that serves
   * another, nothing is used (WrongChainId where there is no other).
   */
  requireChain(chainId: bigint): void;
  /** What was learned about eth_getLogs; for `getLogs`. */
  readonly logRange: LogRange;
  /** Ends it at once: calls in flight throw RpcClientClosed. */
  close(): Promise<void>;
}

/** Creates a client; nothing is sent before the first call. Throws RpcUrlInvalid. */
export function createRpcClient(options: RpcClientOptions): RpcClient {
  const maxBatch = options.maxBatch ?? 100;
  const dispatcher = new Agent({ connections: options.maxConcurrent ?? 8, pipelining: 1 });
  const deps = createDeps(options, maxBatch, dispatcher);
  const closing = new AbortController();
  const batch = async <T>(calls: readonly RpcCall<T>[], signal?: AbortSignal): Promise<RpcOutcome<T>[]> => {
    const stop = signal === undefined ? closing.signal : AbortSignal.any([signal, closing.signal]);
    stop.throwIfAborted();
    const items = calls.map((call): Item => ({ call, isRepeatable: isRepeatable(call), outcome: undefined }));
    const chunks = Array.from({ length: Math.ceil(items.length / maxBatch) }, (_, index) =>
      items.slice(index * maxBatch, (index + 1) * maxBatch),
    );
    await Promise.all(chunks.map(async (chunk) => settle(chunk, stop, deps)));
    return items.map((item) => item.outcome as RpcOutcome<T>);
  };
  return {
    call: async <T>(method: string, params: readonly unknown[], options: RpcCallOptions & Partial<RpcCall<T>> = {}) => {
      const { signal, ...rest } = options;
      const [outcome] = await batch<T>([{ ...rest, method, params }], signal);
      if (outcome?.ok !== true) throw outcome?.error ?? new RpcClientClosed();
      return outcome.value;
    },
    batch: async (calls, options) => batch(calls, options?.signal),
    distrust: (error) => {
      const nowMs = deps.clock.monotonicMs();
      const [preferred] = endpointsInOrder(deps.endpoints, nowMs);
      if (preferred !== undefined && deps.endpoints.length > 1) markFailed(preferred, error, nowMs, deps);
    },
    requireChain: (chainId) => {
      deps.chainId = chainId;
    },
    logRange: createLogRange({ aimBytes: options.aimLogBytes ?? 2 ** 23, onEvent: deps.onEvent }),
    close: async () => {
      closing.abort(new RpcClientClosed());
      await dispatcher.destroy();
    },
  };
}

function createDeps(options: RpcClientOptions, maxBatch: number, dispatcher: Agent): SettleDeps {
  if (options.urls.length === 0) throw new RpcUrlInvalid({ url: undefined });
  const clock = options.clock ?? systemClock;
  let lastId = 0;
  return {
    dispatcher,
    clock,
    chainId: undefined,
    random: options.random ?? Math.random,
    endpoints: options.urls.map((url) => createEndpoint(url, maxBatch)),
    limiter: createLimiter({
      maxConcurrent: options.maxConcurrent ?? 8,
      maxPerSecond: options.maxRequestsPerSecond,
      clock,
    }),
    requestTimeoutMs: options.requestTimeoutMs ?? 15_000,
    maxBodyBytes: options.maxBodyBytes ?? 256 * 1_024 * 1_024,
    restMs: options.restMs ?? 5_000,
    retryPolicy: options.retry ?? { attempts: 6, baseMs: 200, maxMs: 10_000 },
    onEvent: options.onEvent ?? (() => {}),
    nextId: () => ++lastId,
  };
}
