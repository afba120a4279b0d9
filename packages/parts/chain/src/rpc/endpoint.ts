// One endpoint's health. The first healthy one in the order given is used: taking turns would mix the views of nodes that are
// not at the same block.
import { redactUrl, type Clock, type TidegateError } from "@tidegate/kernel";
import { RpcRateLimited } from "./errors/rpc-rate-limited.ts";
import { RpcUnreachable } from "./errors/rpc-unreachable.ts";
import { RpcUrlInvalid } from "./errors/rpc-url-invalid.ts";
import { createRedactor } from "./redactor.ts";
import type { RpcEvent } from "./rpc-event.ts";

export interface Endpoint {
  /** Holds the API key: for sending alone. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly shownUrl: string;
  /** Takes the secrets of the URL out of a text. */
  readonly redact: (text: string) => string;
  /** Largest batch that it takes. */
  maxBatch: number;
  /** Failures since the last success. */
  failures: number;
  restedAtMs: number;
  /** Others are preferred until then. */
  restUntilMs: number;
  /** Nothing is sent until then: the endpoint asked for it. */
  pausedUntilMs: number;
  /** It has said that it serves the chain that is wanted, since it last failed. */
  isOfChain: boolean;
}

export interface EndpointDeps {
  readonly clock: Clock;
  readonly restMs: number;
  readonly requestTimeoutMs: number;
  readonly onEvent: (event: RpcEvent) => void;
}

/** The longest that a failing endpoint rests, and the longest wait that an endpoint may ask for. */
const MAX_REST_MS = 300_000;
const MAX_PAUSE_MS = 60_000;

export function createEndpoint(text: string, maxBatch: number): Endpoint {
  try {
    const url = new URL(text);
    if (url.protocol !== "http:" && url.protocol !== "https:") throw new RpcUrlInvalid({ url: text });
    const rest = {
      failures: 0,
      restedAtMs: -Infinity,
      restUntilMs: -Infinity,
      pausedUntilMs: -Infinity,
      isOfChain: false,
    };
    const facts = { shownUrl: redactUrl(text), headers: authorization(url), redact: createRedactor(url) };
    return { url, ...facts, maxBatch, ...rest };
  } catch {
    // The cause is left out: Node's messages repeat the URL.
    throw new RpcUrlInvalid({ url: text });
  }
}

/** The endpoints to try now: those that do not rest, in order; when all rest, the one whose rest ends first. */
export function endpointsInOrder(endpoints: readonly Endpoint[], nowMs: number): readonly Endpoint[] {
  const awake = endpoints.filter((endpoint) => endpoint.restUntilMs <= nowMs);
  if (awake.length > 0) return awake;
  return endpoints.toSorted((left, right) => left.restUntilMs - right.restUntilMs).slice(0, 1);
}

/** Called when it is chosen: while one request finds out whether a failed endpoint works again, others go elsewhere. */
export function markProbing(endpoint: Endpoint, { clock, requestTimeoutMs }: EndpointDeps): void {
  if (endpoint.failures > 0) endpoint.restUntilMs = clock.monotonicMs() + requestTimeoutMs;
}

/** An answer came that can be used. One that was asked for before the endpoint was sent to rest says nothing about now. */
export function markWorking(endpoint: Endpoint, startedMs: number, { onEvent }: EndpointDeps): void {
  if (endpoint.failures === 0 || startedMs <= endpoint.restedAtMs) return;
  Object.assign(endpoint, { failures: 0, restUntilMs: -Infinity, pausedUntilMs: -Infinity });
  onEvent({ code: "rpc.endpoint-back", url: endpoint.shownUrl });
}

/** Sends an endpoint to rest, twice as long with each failure in a row. */
export function markFailed(endpoint: Endpoint, error: TidegateError, startedMs: number, deps: EndpointDeps): void {
  // Requests in flight together fail together: that is one failure.
  if (startedMs <= endpoint.restedAtMs) return;
  const nowMs = deps.clock.monotonicMs();
  const asked = error instanceof RpcRateLimited || error instanceof RpcUnreachable ? (error.retryAfterMs ?? 0) : 0;
  const pauseMs = Math.min(asked, MAX_PAUSE_MS);
  const restMs = Math.max(pauseMs, Math.min(deps.restMs * 2 ** endpoint.failures, MAX_REST_MS));
  endpoint.failures++;
  endpoint.isOfChain = false;
  endpoint.restedAtMs = nowMs;
  endpoint.restUntilMs = nowMs + restMs;
  endpoint.pausedUntilMs = nowMs + pauseMs;
  deps.onEvent({ code: "rpc.endpoint-resting", url: endpoint.shownUrl, restMs, error });
}

/** User and password of the URL, which undici does not send by itself. */
function authorization(url: URL): Readonly<Record<string, string>> {
  if (url.username === "") return {};
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
}
