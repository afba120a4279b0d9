// One HTTP exchange with a limit on its time and its size. Failures that can be foreseen are results, not exceptions.
import type { Dispatcher } from "undici";

export interface PostRequest {
  readonly dispatcher: Dispatcher;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** For the whole exchange, the body included. */
  readonly timeoutMs: number;
  readonly maxBodyBytes: number;
  readonly signal: AbortSignal;
}

export type PostResult =
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly retryAfterMs: number | undefined;
      readonly body: Buffer;
    }
  | { readonly kind: "too-large" }
  /** `isNotSent`: no connection came about, so that the server cannot have acted. */
  | { readonly kind: "failed"; readonly reason: string; readonly isNotSent: boolean; readonly cause: unknown };

/** Posts JSON; throws the signal's reason when that is aborted, and nothing else. */
export async function httpPost(request: PostRequest): Promise<PostResult> {
  const { signal, timeoutMs } = request;
  signal.throwIfAborted();
  const limit = new AbortController();
  const onAbort = (): void => limit.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  let isTimedOut = false;
  const timer = setTimeout(() => {
    isTimedOut = true;
    limit.abort();
  }, timeoutMs);
  try {
    return await exchange(request, limit.signal);
  } catch (cause) {
    signal.throwIfAborted();
    if (isTimedOut) {
      return { kind: "failed", reason: `nothing complete came within ${timeoutMs} ms`, isNotSent: false, cause };
    }
    return { kind: "failed", reason: reasonOf(cause), isNotSent: isNotSent(cause), cause };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

async function exchange(
  { dispatcher, url, headers: extra, body, maxBodyBytes }: PostRequest,
  signal: AbortSignal,
): Promise<PostResult> {
  const {
    statusCode,
    headers,
    body: stream,
  } = await dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...extra },
    body,
    signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Leaving the loop destroys the stream and with it the connection.
    if (length > maxBodyBytes) return { kind: "too-large" };
    chunks.push(chunk);
  }
  const retryAfterMs = parseRetryAfter(headers["retry-after"]);
  return { kind: "answer", status: statusCode, retryAfterMs, body: Buffer.concat(chunks, length) };
}

/** Retry-After in seconds or as a date (RFC 9110, 10.2.3), to milliseconds from now; undefined when absent or nonsense. */
export function parseRetryAfter(header: string | string[] | undefined, nowMs = Date.now()): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function reasonOf(cause: unknown): string {
  const code = codeOf(cause);
  const message = cause instanceof Error ? cause.message : String(cause);
  return code !== "" && !message.includes(code) ? `${message} (${code})`.trim() : message;
}

const NOT_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function isNotSent(cause: unknown): boolean {
  return NOT_SENT.has(codeOf(cause));
}

function codeOf(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "";
}
