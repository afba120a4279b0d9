// Sending calls to one endpoint, in as many requests as it makes necessary, and noting how each call came out.
import type { Dispatcher } from "undici";
import { markFailed, markWorking, type Endpoint, type EndpointDeps } from "./endpoint.ts";
import { RpcAnswerTooLarge } from "./errors/rpc-answer-too-large.ts";
import { RpcBadAnswer } from "./errors/rpc-bad-answer.ts";
import { RpcRangeTooLarge } from "./errors/rpc-range-too-large.ts";
import { RpcRateLimited } from "./errors/rpc-rate-limited.ts";
import { RpcUnreachable } from "./errors/rpc-unreachable.ts";
import { WrongChainId } from "./errors/wrong-chain-id.ts";
import { httpPost, type PostResult } from "./http-post.ts";
import { judgeAnswer } from "./judge-answer.ts";
import type { Limiter } from "./limiter.ts";
import type { RpcCall, RpcOutcome } from "./rpc-call.ts";

/** A call on its way, with its latest outcome. */
export interface Item {
  readonly call: RpcCall;
  readonly isRepeatable: boolean;
  outcome: RpcOutcome | undefined;
}

export interface ExchangeDeps extends EndpointDeps {
  readonly dispatcher: Dispatcher;
  readonly limiter: Limiter;
  readonly maxBodyBytes: number;
  readonly nextId: () => number;
}

/** Sets the outcome of each item; throws only the signal's reason. */
export async function exchange(
  endpoint: Endpoint,
  items: readonly Item[],
  signal: AbortSignal,
  deps: ExchangeDeps,
): Promise<void> {
  const size = endpoint.maxBatch;
  const chunks = Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
  await Promise.all(chunks.map(async (chunk) => exchangeChunk(endpoint, chunk, signal, deps)));
}

/** Whether the fault lies with the endpoint as such: it rests, and another one is preferred. */
export function isEndpointFault(error: unknown): boolean {
  return (
    error instanceof RpcUnreachable ||
    error instanceof RpcRateLimited ||
    error instanceof RpcBadAnswer ||
    error instanceof WrongChainId
  );
}

async function exchangeChunk(
  endpoint: Endpoint,
  items: readonly Item[],
  signal: AbortSignal,
  deps: ExchangeDeps,
): Promise<void> {
  const calls = items.map((item) => item.call);
  const ids = items.map(() => deps.nextId());
  const { result, startedMs } = await send(endpoint, bodyOf(calls, ids), items.length, signal, deps);
  const { shownUrl, redact } = endpoint;
  const judgement = judgeAnswer(result, { calls, ids, shownUrl, redact, maxBodyBytes: deps.maxBodyBytes });
  if (judgement.kind === "batch-refused") {
    limitBatch(endpoint, judgement.maxBatch, deps);
    return exchange(endpoint, items, signal, deps);
  }
  for (const [index, item] of items.entries()) item.outcome = judgement.outcomes[index];
  noteHealth(endpoint, items, startedMs, deps);
  const oversized = items.filter((item) => item.isRepeatable && isTooLarge(item.outcome));
  if (items.length > 1 && oversized.length > 0) await exchangeSmaller(endpoint, oversized, items.length, signal, deps);
}

/** What did not fit into one answer with others may fit alone. */
async function exchangeSmaller(
  endpoint: Endpoint,
  oversized: readonly Item[],
  sent: number,
  signal: AbortSignal,
  deps: ExchangeDeps,
): Promise<void> {
  const half = Math.ceil(oversized.length / 2);
  const parts = oversized.length < sent ? [oversized] : [oversized.slice(0, half), oversized.slice(half)];
  for (const part of parts) await exchangeChunk(endpoint, part, signal, deps);
}

async function send(
  endpoint: Endpoint,
  body: string,
  cost: number,
  signal: AbortSignal,
  deps: ExchangeDeps,
): Promise<{ result: PostResult; startedMs: number }> {
  const { clock, limiter, dispatcher, maxBodyBytes, requestTimeoutMs } = deps;
  const { url, headers } = endpoint;
  for (;;) {
    const pauseMs = endpoint.pausedUntilMs - clock.monotonicMs();
    if (pauseMs > 0) await clock.sleep(pauseMs, signal);
    const sent = await limiter.run(cost, signal, async () => {
      const startedMs = clock.monotonicMs();
      // Asked to wait while this stood in the queue.
      if (endpoint.pausedUntilMs > startedMs) return undefined;
      const limits = { timeoutMs: requestTimeoutMs, maxBodyBytes, signal };
      return { startedMs, result: await httpPost({ dispatcher, url, headers, body, ...limits }) };
    });
    if (sent !== undefined) return sent;
  }
}

function bodyOf(calls: readonly RpcCall[], ids: readonly number[]): string {
  const requests = calls.map(({ method, params }, index) => ({ jsonrpc: "2.0", id: ids[index], method, params }));
  return JSON.stringify(requests.length === 1 ? requests[0] : requests, (_key, value: unknown) =>
    typeof value === "bigint" ? `0x${value.toString(16)}` : value,
  );
}

function limitBatch(endpoint: Endpoint, maxBatch: number, { onEvent }: ExchangeDeps): void {
  if (maxBatch >= endpoint.maxBatch) return;
  endpoint.maxBatch = Math.max(1, maxBatch);
  onEvent({ code: "rpc.batch-limited", url: endpoint.shownUrl, maxBatch: endpoint.maxBatch });
}

function noteHealth(endpoint: Endpoint, items: readonly Item[], startedMs: number, deps: ExchangeDeps): void {
  const errors = items.map(({ outcome }) => (outcome?.ok === false ? outcome.error : undefined));
  const fault = errors.find(isEndpointFault);
  if (fault === undefined) markWorking(endpoint, startedMs, deps);
  else markFailed(endpoint, fault, startedMs, deps);
}

function isTooLarge(outcome: RpcOutcome | undefined): boolean {
  if (outcome?.ok !== false) return false;
  // A range that is too large for reasons of its own comes with the same error: asking once more, alone, does no harm.
  return outcome.error instanceof RpcAnswerTooLarge || outcome.error instanceof RpcRangeTooLarge;
}
