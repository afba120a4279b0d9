// Release 2: a pair is two columns, a tick has a reading with a unit.
import { SHARED_COLUMNS, type FleetRelease, type FleetEvent } from "./release.ts";

export const release2: FleetRelease = {
  number: 2,
  columns: [...SHARED_COLUMNS, "events.base", "events.quote", "ticks.reading", "ticks.unit"],

  insertEvents: (events, partition, writer) => ({
    text: `INSERT INTO events (id, kafka_partition, kafka_offset, kind, base, quote, amount, sent_at, writer_version, writer_instance, written_at)
           SELECT r.id, $1, r.kafka_offset, r.kind, r.base, r.quote, r.amount, r.sent_at, $2, $3, clock_timestamp()
             FROM unnest($4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::numeric[], $10::timestamptz[])
                  AS r (id, kafka_offset, kind, base, quote, amount, sent_at)
           ON CONFLICT (id) DO NOTHING RETURNING id`,
    values: [
      partition,
      writer.version,
      writer.instance,
      events.map((one) => one.id),
      events.map((one) => String(one.offset)),
      events.map((one) => one.kind),
      events.map((one) => half(one, 0)),
      events.map((one) => half(one, 1)),
      events.map((one) => one.amount),
      events.map((one) => one.sentAt),
    ],
  }),

  insertTick: (tick, writer) => ({
    text: `INSERT INTO ticks (id, sequence, reading, unit, writer_version, writer_instance, written_at)
           VALUES ($1, $2, $3, 'ms', $4, $5, clock_timestamp())`,
    values: [tick.id, tick.sequence, tick.reading, writer.version, writer.instance],
  }),

  selectEvents: (limit) => ({
    text: `SELECT id, kind, base, quote, amount, kafka_partition AS partition, kafka_offset AS "offset",
                  writer_version AS "writerVersion", written_at AS "writtenAt"
             FROM events ORDER BY kafka_offset DESC, kafka_partition LIMIT $1`,
    values: [limit],
  }),
};

/** The form of a pair was checked when the message was read. */
function half({ pair }: FleetEvent, index: 0 | 1): string {
  return pair.split("-")[index] ?? "";
}
