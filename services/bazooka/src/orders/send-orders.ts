// Sends a stretch of the open stateful orders: page after page, batch after batch, in order, in memory that does not grow with their number.
import type { KafkaProducer, KafkaRecord } from "@tidegate/kafka";
import type { Pool } from "@tidegate/postgres";
import { LISTED_ORDERS } from "../errors.ts";
import type { OrderProblem } from "./order-problem.ts";
import type { OrderRow } from "./order-row.ts";
import { readMarkets, selectOrders } from "./select-orders.ts";
import { createToRecord, type MessageKind, type ToRecord } from "./to-record.ts";
import { Unsendable } from "./to-indexer-order.ts";
import { WireWriter } from "./wire-writer.ts";

export interface SendDeps {
  readonly pool: Pool;
  readonly producer: KafkaProducer;
  /** Keys and values of one batch at most; a larger record goes alone. */
  readonly batchBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How a row becomes a record; the bench has another. Default our own encoder. */
  readonly createToRecord?: (kind: MessageKind, at: number) => ToRecord;
}

export interface Stretch {
  readonly kind: MessageKind;
  /** The last order of the stretch before; null at the beginning. */
  readonly after: string | null;
  /** Orders at most. */
  readonly limit: number;
}

export interface SentStretch {
  readonly sent: number;
  /** The first LISTED_ORDERS of them. */
  readonly problems: readonly OrderProblem[];
  readonly problemCount: number;
  /** The last order looked at; null when there are no more. */
  readonly next: string | null;
}

/** Rows in memory at a time; the next page is read while this one is sent. */
const PAGE_ROWS = 2_000;

export async function sendOrders(
  deps: SendDeps,
  stretch: Stretch,
  { signal, onSent }: { readonly signal: AbortSignal; readonly onSent?: (sent: number) => void },
): Promise<SentStretch> {
  const markets = await readMarkets(deps.pool);
  const toRecord = (deps.createToRecord ?? ours)(stretch.kind, deps.now());
  const read = async (after: string | null, limit: number): Promise<readonly OrderRow[]> =>
    selectOrders(deps.pool, markets, { after, limit, onlyFilled: stretch.kind === "update" });
  const problems: OrderProblem[] = [];
  let problemCount = 0;
  let sent = 0;
  let left = stretch.limit;
  let page = await read(stretch.after, Math.min(PAGE_ROWS, left));
  let next = stretch.after;
  for (;;) {
    signal.throwIfAborted();
    const last = page.at(-1);
    if (last === undefined) return { sent, problems, problemCount, next: null };
    const isShort = page.length < Math.min(PAGE_ROWS, left);
    left -= page.length;
    next = last.id;
    const following = isShort || left === 0 ? undefined : read(next, Math.min(PAGE_ROWS, left));
    // It is awaited below; a failure of the sending must not leave it unheard.
    following?.catch(() => undefined);
    const records = page.flatMap((row) => {
      try {
        const record = toRecord(row);
        return record === undefined ? [] : [record];
      } catch (error) {
        if (!(error instanceof Unsendable)) throw error;
        problemCount++;
        if (problems.length < LISTED_ORDERS) problems.push({ orderId: row.id, problem: error.message });
        return [];
      }
    });
    for (const batch of batches(records, deps.batchBytes)) {
      signal.throwIfAborted();
      await deps.producer.send(batch);
    }
    sent += records.length;
    onSent?.(sent);
    if (isShort) return { sent, problems, problemCount, next: null };
    if (following === undefined) return { sent, problems, problemCount, next };
    page = await following;
  }
}

function ours(kind: MessageKind, at: number): ToRecord {
  return createToRecord(new WireWriter(), kind, at);
}

/** As many records as keep keys and values within `limit` bytes, at least one. */
export function* batches(records: readonly KafkaRecord[], limit: number): Generator<readonly KafkaRecord[]> {
  let begin = 0;
  let bytes = 0;
  for (const [index, { key, value }] of records.entries()) {
    const size = key.length + value.length;
    if (index > begin && bytes + size > limit) {
      yield records.slice(begin, index);
      begin = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (begin < records.length) yield records.slice(begin);
}
