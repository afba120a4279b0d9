// The order stream: requests that were never submitted on the chain, fetched page by page from its HTTP API.
import { retry, systemClock, type Clock, type Secret } from "@tidegate/kernel";
import * as z from "zod";
import type { RequestDigest } from "../decode/request-digest.ts";
import { OrderStreamUnavailable } from "../errors.ts";
import type { OffchainRequest } from "../types.ts";
import { parseOrder } from "./parse-order.ts";

/** An order that was not taken, and why. */
export interface RefusedOrder {
  readonly code: "order-stream.order-refused";
  /** As the stream calls it; "?" when it has no id. */
  readonly order: string;
  readonly reason: string;
}

export interface OrderStreamOptions {
  readonly url: string;
  readonly apiKey?: Secret | undefined;
  readonly digestOf: RequestDigest;
  /** Told about each order that does not parse, or whose digest is not that of its request. */
  readonly onEvent?: (event: RefusedOrder) => void;
  /** Longest wait for one page. Default 15,000. */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

interface OrderWindow {
  /** Unix seconds, exclusive. */
  readonly after: bigint;
  /** Unix seconds, exclusive. */
  readonly before: bigint;
}

/** All valid orders created in the window, oldest first. */
export type FetchOrders = (window: OrderWindow, signal?: AbortSignal) => Promise<readonly OffchainRequest[]>;

const PAGE_LIMIT = 1000;

const pageSchema = z.object({
  orders: z.array(z.unknown()),
  next_cursor: z.string().nullish(),
  has_more: z.boolean(),
});
type Page = z.infer<typeof pageSchema>;

/** Each page is tried 4 times, 1, 2 and 4 seconds apart; then OrderStreamUnavailable. */
export function createOrderStream(options: OrderStreamOptions): FetchOrders {
  return async (window, signal) => {
    const orders: OffchainRequest[] = [];
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const page = await fetchPage(options, window, cursor, signal);
      for (const order of page.orders) {
        const parsed = parseOrder(order, options.digestOf);
        if ("reason" in parsed) options.onEvent?.({ code: "order-stream.order-refused", ...parsed });
        else orders.push(parsed);
      }
      cursor = nextCursor(options.url, page, seen);
    } while (cursor !== undefined);
    return orders;
  };
}

function nextCursor(url: string, page: Page, seen: Set<string>): string | undefined {
  if (!page.has_more) return undefined;
  const next = page.next_cursor ?? undefined;
  // Without this a stream that repeats itself would be read for ever.
  if (next === undefined || seen.has(next)) {
    throw new OrderStreamUnavailable({ url, reason: "it has more pages but gives no way to them", retryable: true });
  }
  seen.add(next);
  return next;
}

function fetchPage(
  options: OrderStreamOptions,
  window: OrderWindow,
  cursor: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const url = pageUrl(options.url, window, cursor);
  return retry(() => fetchOnce(options, url, signal), {
    attempts: 4,
    baseMs: 1_000,
    maxMs: 30_000,
    // The waits of the original, not jittered: one indexer alone asks.
    random: () => 1,
    clock: options.clock ?? systemClock,
    ...(signal === undefined ? {} : { signal }),
  });
}

function pageUrl(base: string, window: OrderWindow, cursor: string | undefined): URL {
  const url = new URL("api/v2/orders", base.endsWith("/") ? base : `${base}/`);
  url.searchParams.set("after", toRfc3339(window.after));
  url.searchParams.set("before", toRfc3339(window.before));
  url.searchParams.set("sort", "asc");
  url.searchParams.set("limit", String(PAGE_LIMIT));
  if (cursor !== undefined) url.searchParams.set("cursor", cursor);
  return url;
}

async function fetchOnce(options: OrderStreamOptions, url: URL, signal: AbortSignal | undefined): Promise<Page> {
  const limit = AbortSignal.timeout(options.timeoutMs ?? 15_000);
  const unavailable = (reason: string, retryable: boolean, cause?: unknown): OrderStreamUnavailable =>
    new OrderStreamUnavailable({ url: options.url, reason, retryable, cause });
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      headers: options.apiKey === undefined ? {} : { "x-api-key": options.apiKey.reveal() },
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    throw unavailable(limit.aborted ? "it did not answer in time" : "it cannot be reached", true, cause);
  }
  if (!response.ok) {
    throw unavailable(`it answered with HTTP ${response.status}`, response.status >= 500 || response.status === 429);
  }
  const page = pageSchema.safeParse(parseJsonExactly(text));
  if (!page.success) throw unavailable("its answer is not a page of orders", true, page.error);
  return page.data;
}

function toRfc3339(unixSeconds: bigint): string {
  return new Date(Number(unixSeconds) * 1000).toISOString();
}

/** JSON whose integers beyond 2^53 come as bigint, by the source text that newer engines give a reviver; undefined if invalid. */
function parseJsonExactly(text: string): unknown {
  const revive = (_key: string, value: unknown, context: { readonly source?: string }): unknown =>
    typeof value === "number" && !Number.isSafeInteger(value) && /^\d+$/.test(context.source ?? "")
      ? BigInt(context.source ?? "")
      : value;
  try {
    // The library's types do not know the third parameter yet.
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}
