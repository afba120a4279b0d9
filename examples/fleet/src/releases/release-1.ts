// Release 1: a pair is one column, a tick has a value.
import { SHARED_COLUMNS, type FleetRelease } from "./release.ts";

export const release1: FleetRelease = {
  number: 1,
  columns: [...SHARED_COLUMNS, "events.pair", "ticks.value"],

  insertEvents: (events, partition, writer) => ({
    text: `INSERT INTO events (id, kafka_partition, kafka_offset, kind, pair, amount, sent_at, writer_version, writer_instance, written_at)
           SELECT r.id, $1, r.kafka_offset, r.kind, r.pair, r.amount, r.sent_at, $2, $3, clock_timestamp()
             FROM unnest($4::text[], $5::bigint[], $6::text[], $7::text[], $8::numeric[], $9::timestamptz[])
                  AS r (id, kafka_offset, kind, pair, amount, sent_at)
           ON CONFLICT (id) DO NOTHING RETURNING id`,
    values: [
      partition,
      writer.version,
      writer.instance,
      events.map((one) => one.id),
      events.map((one) => String(one.offset)),
      events.map((one) => one.kind),
      events.map((one) => one.pair),
      events.map((one) => one.amount),
      events.map((one) => one.sentAt),
    ],
  }),

  insertTick: (tick, writer) => ({
    text: `INSERT INTO ticks (id, sequence, value, writer_version, writer_instance, written_at)
           VALUES ($1, $2, $3, $4, $5, clock_timestamp())`,
    values: [tick.id, tick.sequence, tick.reading, writer.version, writer.instance],
  }),

  selectEvents: (limit) => ({
    text: `SELECT id, kind, pair, amount, kafka_partition AS partition, kafka_offset AS "offset",
                  writer_version AS "writerVersion", written_at AS "writtenAt"
             FROM events ORDER BY kafka_offset DESC, kafka_partition LIMIT $1`,
    values: [limit],
  }),
};
