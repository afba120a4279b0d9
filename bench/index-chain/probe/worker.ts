// The probe's second thread: ranges come in, rows in the COPY format go out. Ranges are fetched ahead and read in their order.
import { parentPort, workerData } from "node:worker_threads";
import { createProbeRows, PROBE_TABLES, type ProbeTable } from "./probe-tables.ts";
import {
  fetchLogsAndHeaders,
  fetchTransactions,
  writeLogsAndHeaders,
  writeTransactions,
  type ProbeRange,
} from "./fetch-range.ts";
import { createRpcPost } from "./rpc-post.ts";
import { createEventWriter } from "./write-events.ts";

export interface ProbeInput {
  readonly rpcUrl: string;
  readonly chainId: number;
  readonly market: string;
}

export interface WrittenRange {
  readonly range: ProbeRange;
  readonly events: number;
  readonly lastTime: number;
  readonly tables: ReadonlyArray<readonly [ProbeTable, Uint8Array<ArrayBuffer>]>;
}

interface ReadRange {
  readonly range: ProbeRange;
  readonly events: number;
  readonly hashes: readonly string[];
  readonly times: ReadonlyMap<number, number>;
}

const CONNECTIONS = 16;

const port = parentPort;
if (port === null) throw new Error("this is a worker");
const { rpcUrl, chainId, market } = workerData as ProbeInput;
const post = createRpcPost(rpcUrl, CONNECTIONS);
const rows = createProbeRows();
const writeEvent = createEventWriter(rows, { chainId, market });
let before: Promise<unknown> = Promise.resolve();

port.on("message", (range: ProbeRange) => {
  const fetching = fetchLogsAndHeaders(post, market, range);
  const previous = before;
  before = (async () => {
    const fetched = await fetching;
    await previous;
    const { events, hashes, times } = writeLogsAndHeaders(rows, writeEvent, fetched);
    const written = takeTables();
    // The next range is read while this one's transactions come.
    void complete({ range, events, hashes, times }, written);
  })();
});

async function complete({ range, events, hashes, times }: ReadRange, written: WrittenRange["tables"]): Promise<void> {
  writeTransactions(rows, await fetchTransactions(post, hashes), times);
  send({ range, events, lastTime: times.get(range.to) ?? 0, tables: [...written, ...takeTables(["transactions"])] });
}

function takeTables(
  names: readonly ProbeTable[] = PROBE_TABLES,
): Array<readonly [ProbeTable, Uint8Array<ArrayBuffer>]> {
  return names
    .filter((name) => rows[name].rows > 0)
    .map((name) => [name, rows[name].take() as Uint8Array<ArrayBuffer>] as const);
}

function send(written: WrittenRange): void {
  port?.postMessage(
    written,
    written.tables.map(([, bytes]) => bytes.buffer),
  );
}
