// Sends a stretch of the open stateful orders: page after page, batch after batch, in order, in memory that does not grow with their number.
import type { KafkaProducer, KafkaRecord } from "@tidegate/kafka";
import { describeError } from "@tidegate/kernel";
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
  /** Keeps the orders of a page that could not be sent. What it throws is told with the result, and ends nothing. */
  readonly record: (problems: readonly OrderProblem[]) => Promise<void>;
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
  /** Of the problems, what could not be recorded, and why. */
  readonly unrecorded: Unrecorded | null;
  /** The last order looked at; null when there are no more. */
  readonly next: string | null;
}

export interface Unrecorded {
  readonly count: number;
  readonly reason: string;
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
  const totals = newTotals();
  let left = stretch.limit;
  let page = await read(stretch.after, Math.min(PAGE_ROWS, left));
  let next = stretch.after;
  for (;;) {
    signal.throwIfAborted();
    const last = page.at(-1);
    if (last === undefined) return { ...totals, next: null };
    const isShort = page.length < Math.min(PAGE_ROWS, left);
    left -= page.length;
    next = last.id;
    const following = isShort || left === 0 ? undefined : read(next, Math.min(PAGE_ROWS, left));
    // It is awaited below; a failure of the sending must not leave it unheard.
    following?.catch(() => undefined);
    const { records, problems } = convert(page, toRecord);
    for (const batch of batches(records, deps.batchBytes)) {
      signal.throwIfAborted();
      await deps.producer.send(batch);
    }
    totals.sent += records.length;
    await note(totals, problems, deps.record);
    onSent?.(totals.sent);
    if (isShort) return { ...totals, next: null };
    if (following === undefined) return { ...totals, next };
    page = await following;
  }
}

type Totals = { -readonly [K in keyof Omit<SentStretch, "next" | "problems">]: SentStretch[K] } & {
  readonly problems: OrderProblem[];
};

const newTotals = (): Totals => ({ sent: 0, problems: [], problemCount: 0, unrecorded: null });

/** An order that cannot be sent is no reason not to send the others. */
function convert(
  page: readonly OrderRow[],
  toRecord: ToRecord,
): { readonly records: readonly KafkaRecord[]; readonly problems: readonly OrderProblem[] } {
  const records: KafkaRecord[] = [];
  const problems: OrderProblem[] = [];
  for (const row of page) {
    try {
      const record = toRecord(row);
      if (record !== undefined) records.push(record);
    } catch (error) {
      if (!(error instanceof Unsendable)) throw error;
      problems.push({ orderId: row.id, problem: error.message });
    }
  }
  return { records, problems };
}

/** Nor is a record that cannot be kept, as in a database that is only read: the run's error says so. */
async function note(totals: Totals, problems: readonly OrderProblem[], record: SendDeps["record"]): Promise<void> {
  if (problems.length === 0) return;
  totals.problemCount += problems.length;
  totals.problems.push(...problems.slice(0, LISTED_ORDERS - totals.problems.length));
  try {
    await record(problems);
  } catch (error) {
    totals.unrecorded = { count: (totals.unrecorded?.count ?? 0) + problems.length, reason: describeError(error) };
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
