// The database's side of the comparison, read with `pg` alone: it shares nothing with the code that wrote.
import { Client } from "pg";
import type { Secret } from "@tidegate/kernel";
import type { DatabaseFacts } from "./fleet-facts.ts";

const LIMIT_MS = 60_000;

/** In one snapshot. */
export async function readDatabase(url: Secret, topic: string): Promise<DatabaseFacts> {
  const client = new Client({
    connectionString: url.reveal(),
    connectionTimeoutMillis: 10_000,
    statement_timeout: LIMIT_MS,
  });
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    const { rows: events } = await client.query<{ id: string; partition: number; offset: string }>(
      `SELECT id, kafka_partition AS partition, kafka_offset::text AS "offset" FROM events`,
    );
    const { rows: skipped } = await client.query<{ partition: number; offset: string; reason: string }>(
      `SELECT kafka_partition AS partition, kafka_offset::text AS "offset", reason FROM skipped_records`,
    );
    const { rows: ticks } = await client.query<{ id: string }>("SELECT id FROM ticks");
    const { rows: offsets } = await client.query<{ partition: number; next: string }>(
      "SELECT partition, next_offset::text AS next FROM consumer_offsets WHERE topic = $1",
      [topic],
    );
    const { rows: writers } = await client.query<WriterRow>(WRITERS);
    return {
      events: events.map((row) => ({ ...row, offset: BigInt(row.offset) })),
      skipped: skipped.map((row) => ({ ...row, offset: BigInt(row.offset) })),
      ticks: ticks.map((row) => row.id),
      nextOffsets: new Map(offsets.map((row) => [row.partition, BigInt(row.next)])),
      writers: writers.map((row) => ({
        ...row,
        firstAt: BigInt(row.firstAt),
        lastAt: BigInt(row.lastAt),
        rows: Number(row.rows),
      })),
    };
  } finally {
    await client.end();
  }
}

interface WriterRow {
  readonly service: "ender" | "roundtable";
  readonly version: string;
  readonly instance: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly rows: string;
}

const WRITERS = `
  SELECT service, version, instance, count(*)::text AS rows,
         (extract(epoch FROM min(at)) * 1000000)::bigint::text AS "firstAt",
         (extract(epoch FROM max(at)) * 1000000)::bigint::text AS "lastAt"
    FROM (SELECT 'ender' AS service, writer_version AS version, writer_instance AS instance, written_at AS at FROM events
          UNION ALL SELECT 'ender', writer_version, writer_instance, written_at FROM skipped_records
          UNION ALL SELECT 'roundtable', writer_version, writer_instance, written_at FROM ticks) AS rows
   GROUP BY 1, 2, 3 ORDER BY min(at)`;
