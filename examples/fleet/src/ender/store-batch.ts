// One batch of one partition into PostgreSQL: the events, what was skipped, and where reading goes on, in one transaction.
import { queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import type { PartitionBatch } from "../kafka/open-reader.ts";
import { sayingWhatDoesNotFit } from "../releases/assert-schema-fits.ts";
import type { FleetRelease, PlacedEvent, Writer } from "../releases/release.ts";
import { readMessage } from "./read-message.ts";

export interface StoreDeps {
  readonly pool: Pool;
  readonly release: FleetRelease;
  readonly writer: Writer;
  readonly topic: string;
  /** Called before the commit: what follows may be told twice, and is never forgotten. */
  readonly forward: (events: readonly PlacedEvent[]) => Promise<void>;
  /** After the commit. */
  readonly onStored?: (counts: { readonly stored: number; readonly skipped: number }) => void;
}

interface Skipped {
  readonly offset: bigint;
  readonly reason: "unreadable" | "duplicate";
}

/** By partition. */
export async function readPositions({ pool, topic }: StoreDeps): Promise<ReadonlyMap<number, bigint>> {
  const rows = await queryRows<{ partition: number; next_offset: bigint }>(
    pool,
    "SELECT partition, next_offset FROM consumer_offsets WHERE topic = $1",
    [topic],
  );
  return new Map(rows.map((row) => [row.partition, row.next_offset]));
}

/** As TopicStore.store. Throws SchemaDoesNotFit: then nothing of the batch was written. */
export async function storeBatch(deps: StoreDeps, batch: PartitionBatch, from: bigint): Promise<bigint> {
  const read = batch.records.map(({ offset, value }) => ({ offset, event: readMessage(value) }));
  const events = read.flatMap(({ offset, event }) => (event === undefined ? [] : [{ ...event, offset }]));
  const unreadable = read.flatMap(({ offset, event }): Skipped[] =>
    event === undefined ? [{ offset, reason: "unreadable" }] : [],
  );
  const { stands, ...counts } = await sayingWhatDoesNotFit(deps.release, async () =>
    withTransaction(deps.pool, async (client) => {
      const stands = await lockPosition(deps, client, batch.partition, from);
      if (stands !== from) return { stands, stored: 0, skipped: 0 };
      const { fresh, duplicates } = await insertEvents(deps, client, batch.partition, events);
      const skipped = [...unreadable, ...duplicates];
      await insertSkipped(deps, client, batch.partition, skipped);
      await queryRows(
        client,
        `UPDATE consumer_offsets SET next_offset = $3, writer_version = $4, writer_instance = $5, updated_at = clock_timestamp()
          WHERE topic = $1 AND partition = $2`,
        [deps.topic, batch.partition, batch.nextOffset, deps.writer.version, deps.writer.instance],
      );
      await deps.forward(fresh);
      return { stands: batch.nextOffset, stored: fresh.length, skipped: skipped.length };
    }),
  );
  if (counts.stored + counts.skipped > 0) deps.onStored?.(counts);
  return stands;
}

/** Whoever has the row writes; a second instance, or a killed one whose transaction still ends, waits or is waited for. */
async function lockPosition(
  { topic, writer }: StoreDeps,
  client: PoolClient,
  partition: number,
  from: bigint,
): Promise<bigint> {
  await queryRows(
    client,
    `INSERT INTO consumer_offsets (topic, partition, next_offset, writer_version, writer_instance, updated_at)
     VALUES ($1, $2, $3, $4, $5, clock_timestamp()) ON CONFLICT DO NOTHING`,
    [topic, partition, from, writer.version, writer.instance],
  );
  const [row] = await queryRows<{ next_offset: bigint }>(
    client,
    "SELECT next_offset FROM consumer_offsets WHERE topic = $1 AND partition = $2 FOR UPDATE",
    [topic, partition],
  );
  return row?.next_offset ?? from;
}

/** A sender that tried again may have written one id twice: the first counts. */
async function insertEvents(
  { release, writer }: StoreDeps,
  client: PoolClient,
  partition: number,
  events: readonly PlacedEvent[],
): Promise<{ readonly fresh: readonly PlacedEvent[]; readonly duplicates: readonly Skipped[] }> {
  if (events.length === 0) return { fresh: [], duplicates: [] };
  const { text, values } = release.insertEvents(events, partition, writer);
  const inserted = new Set((await queryRows<{ id: string }>(client, text, values)).map((row) => row.id));
  const fresh: PlacedEvent[] = [];
  const duplicates: Skipped[] = [];
  for (const event of events) {
    if (inserted.delete(event.id)) fresh.push(event);
    else duplicates.push({ offset: event.offset, reason: "duplicate" });
  }
  return { fresh, duplicates };
}

async function insertSkipped(
  { writer }: StoreDeps,
  client: PoolClient,
  partition: number,
  skipped: readonly Skipped[],
): Promise<void> {
  if (skipped.length === 0) return;
  await queryRows(
    client,
    `INSERT INTO skipped_records (kafka_partition, kafka_offset, reason, writer_version, writer_instance, written_at)
     SELECT $1, r.kafka_offset, r.reason, $2, $3, clock_timestamp() FROM unnest($4::bigint[], $5::text[]) AS r (kafka_offset, reason)`,
    [
      partition,
      writer.version,
      writer.instance,
      skipped.map((one) => String(one.offset)),
      skipped.map((one) => one.reason),
    ],
  );
}
