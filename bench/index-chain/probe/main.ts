// The probe: what an indexer of this chain cannot do without, and nothing else. It fetches logs, headers and transactions, and writes the
// same rows, with the same digests, by COPY, one transaction for each range; no check, no retry, no reorg, no status, no lock.
// Each line on stdin is a stretch of blocks, `{"from","to"}`; each line on stdout says that it is committed, `{"events","ms"}`.
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import { Client } from "pg";
import { copyBytes } from "./copy-bytes.ts";
import type { ProbeRange } from "./fetch-range.ts";
import { copySql } from "./probe-tables.ts";
import type { ProbeInput, WrittenRange } from "./worker.ts";

interface ProbeArguments extends ProbeInput {
  readonly databaseUrl: string;
  /** As many as fit under the endpoint's cap of logs. */
  readonly blocksPerRange: number;
  /** Ranges under way. */
  readonly depth: number;
}

const { databaseUrl, blocksPerRange, depth, ...input } = JSON.parse(process.argv[2] ?? "{}") as ProbeArguments;
const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: input });
const waiting = new Map<number, (written: WrittenRange) => void>();
worker.on("message", (written: WrittenRange) => waiting.get(written.range.from)?.(written));
worker.on("error", (error) => {
  throw error;
});
const client = new Client({ connectionString: databaseUrl });
await client.connect();

for await (const line of createInterface({ input: process.stdin })) {
  const begun = performance.now();
  const events = await copyStretch(JSON.parse(line) as ProbeRange);
  process.stdout.write(`${JSON.stringify({ events, ms: performance.now() - begun })}\n`);
}
await client.end();
await worker.terminate();

async function copyStretch({ from, to }: ProbeRange): Promise<number> {
  const ranges: ProbeRange[] = [];
  for (let at = from; at <= to; at += blocksPerRange)
    ranges.push({ from: at, to: Math.min(at + blocksPerRange - 1, to) });
  const ahead = ranges.splice(0, depth).map(start);
  let events = 0;
  for (let next = ahead.shift(); next !== undefined; next = ahead.shift()) {
    const written = await next;
    const [more] = ranges.splice(0, 1);
    if (more !== undefined) ahead.push(start(more));
    events += written.events;
    await store(written);
  }
  return events;
}

async function start(range: ProbeRange): Promise<WrittenRange> {
  const written = new Promise<WrittenRange>((resolve) => waiting.set(range.from, resolve));
  worker.postMessage(range);
  return written.finally(() => waiting.delete(range.from));
}

async function store({ range, lastTime, tables }: WrittenRange): Promise<void> {
  await client.query("begin");
  for (const [table, bytes] of tables) await copyBytes(client, copySql(table), bytes);
  await client.query(
    "insert into last_block values (0, $1, $2) on conflict (id) do update set block = excluded.block, block_timestamp = excluded.block_timestamp",
    [range.to, lastTime],
  );
  await client.query("commit");
}
