// What the writers of rows share: the log in hand, unpacked once, and where rows go.
import type { CopyRows } from "./copy-rows.ts";
import type { ProbeRows } from "./probe-tables.ts";
import { unhex, type ScannedLog } from "./scan-logs.ts";

export interface EventContext {
  readonly rows: ProbeRows;
  /** The log's data. */
  readonly data: Buffer;
  /** The log's second topic: of most kinds the request's id. */
  readonly id: Buffer;
  readonly transactionHash: Buffer;
}

/** Writes the rows of one log of a body; `time` is that of its block, unix seconds. */
export type WriteEvent = (body: Buffer, log: ScannedLog, time: number) => void;

const LARGEST_DATA = 2 ** 16;

export function createEventContext(rows: ProbeRows): EventContext {
  return { rows, data: Buffer.alloc(LARGEST_DATA), id: Buffer.alloc(32), transactionHash: Buffer.alloc(32) };
}

export function unpackLog({ data, id, transactionHash }: EventContext, body: Buffer, log: ScannedLog): void {
  unhex(body, log.topics[1] ?? 0, 32, id, 0);
  unhex(body, log.transactionHash, 32, transactionHash, 0);
  unhex(body, log.data, (log.dataEnd - log.data) / 2, data, 0);
}

/** The first columns of every event's row. */
export function beginRow(
  { transactionHash }: EventContext,
  to: ProbeRows[keyof ProbeRows],
  log: ScannedLog,
  time: number,
): void {
  to.row(to.fields);
  to.int8(log.blockNumber);
  to.int4(log.logIndex);
  to.bytes(transactionHash, 0, 32);
  to.int8(time);
}

export function writeTopicAddress(to: CopyRows, body: Buffer, log: ScannedLog, topic: number): void {
  const [bytes, at] = to.hole(20);
  unhex(body, (log.topics[topic] ?? 0) + 24, 20, bytes, at);
}
