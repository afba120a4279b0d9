// One range of blocks in its three parts: the logs, their blocks' headers, and, once the logs are read, their transactions.
import { EVENT_TOPICS } from "../market-events.ts";
import type { ProbeRows } from "./probe-tables.ts";
import type { RpcPost } from "./rpc-post.ts";
import { scanLogs } from "./scan-logs.ts";
import type { WriteEvent } from "./event-context.ts";

export interface ProbeRange {
  readonly from: number;
  readonly to: number;
}

/** As many calls in one request as the indexer sends. */
const CHUNK = 250;

interface Header {
  readonly number: string;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: string;
  readonly baseFeePerGas: string;
}

interface Sent {
  readonly hash: string;
  readonly blockNumber: string;
  readonly transactionIndex: string;
  readonly from: string;
}

export interface FetchedRange {
  readonly logs: Buffer;
  readonly headers: readonly Header[];
}

export async function fetchLogsAndHeaders(
  post: RpcPost,
  market: string,
  { from, to }: ProbeRange,
): Promise<FetchedRange> {
  const filter = { address: [market], topics: [EVENT_TOPICS], fromBlock: hex(from), toBlock: hex(to) };
  const numbers = Array.from({ length: to - from + 1 }, (_, index) => [hex(from + index), false]);
  const [logs, headers] = await Promise.all([
    post({ jsonrpc: "2.0", id: 1, method: "eth_getLogs", params: [filter] }),
    callAll<Header>(post, "eth_getBlockByNumber", numbers),
  ]);
  return { logs, headers };
}

/** Writes the rows of logs and headers; returns how many logs there were, and the hashes of their transactions. */
export function writeLogsAndHeaders(
  rows: ProbeRows,
  writeEvent: WriteEvent,
  { logs, headers }: FetchedRange,
): { readonly events: number; readonly hashes: readonly string[]; readonly times: ReadonlyMap<number, number> } {
  const times = new Map(headers.map(({ number, timestamp }) => [Number(number), Number(timestamp)]));
  for (const header of headers) {
    const to = rows.blocks;
    to.row(to.fields);
    to.int8(Number(header.number));
    writeHex(to, header.hash);
    writeHex(to, header.parentHash);
    to.int8(Number(header.timestamp));
    to.numeric(Buffer.from(header.baseFeePerGas.slice(2).padStart(64, "0"), "hex"), 0);
  }
  const hashes = new Set<string>();
  let last = "";
  const events = scanLogs(logs, (log) => {
    // Logs of one transaction stand together: a string is made once for each.
    if (logs.toString("latin1", log.transactionHash, log.transactionHash + 64) !== last) {
      last = logs.toString("latin1", log.transactionHash, log.transactionHash + 64);
      hashes.add(`0x${last}`);
    }
    writeEvent(logs, log, times.get(log.blockNumber) ?? 0);
  });
  return { events, hashes: [...hashes], times };
}

export async function fetchTransactions(post: RpcPost, hashes: readonly string[]): Promise<readonly Sent[]> {
  return callAll<Sent>(
    post,
    "eth_getTransactionByHash",
    hashes.map((hash) => [hash]),
  );
}

export function writeTransactions(rows: ProbeRows, sent: readonly Sent[], times: ReadonlyMap<number, number>): void {
  const to = rows.transactions;
  for (const { hash, blockNumber, transactionIndex, from } of sent) {
    to.row(to.fields);
    writeHex(to, hash);
    to.int8(Number(blockNumber));
    to.int4(Number(transactionIndex));
    writeHex(to, from);
    to.int8(times.get(Number(blockNumber)) ?? 0);
  }
}

function writeHex(to: ProbeRows[keyof ProbeRows], digits: string): void {
  const [bytes, at] = to.hole(digits.length / 2 - 1);
  (bytes as Buffer).write(digits.slice(2), at, "hex");
}

async function callAll<T>(post: RpcPost, method: string, params: ReadonlyArray<readonly unknown[]>): Promise<T[]> {
  const chunks: unknown[][] = [];
  for (let start = 0; start < params.length; start += CHUNK) {
    chunks.push(params.slice(start, start + CHUNK).map((one, id) => ({ jsonrpc: "2.0", id, method, params: one })));
  }
  const bodies = await Promise.all(chunks.map(post));
  return bodies.flatMap((body) =>
    (JSON.parse(body.toString("latin1")) as ReadonlyArray<{ readonly result: T }>).map(({ result }) => result),
  );
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
