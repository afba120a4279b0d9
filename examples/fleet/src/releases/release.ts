// What a release of the fleet's code knows of the database. The two releases differ in exactly this.

/** One statement, as `pg` takes it. */
interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Who writes: each row carries it, with the time of the database's clock. */
export interface Writer {
  readonly version: string;
  /** Of this process alone. */
  readonly instance: string;
}

/** What a message to Ender says. */
export interface FleetEvent {
  readonly id: string;
  readonly kind: "trade" | "order";
  /** `BASE-QUOTE`. */
  readonly pair: string;
  /** Decimal. */
  readonly amount: string;
  /** ISO time. */
  readonly sentAt: string;
}

/** An event with its place in the topic. */
export interface PlacedEvent extends FleetEvent {
  readonly offset: bigint;
}

interface Tick {
  readonly id: string;
  readonly sequence: number;
  readonly reading: number;
}

export interface FleetRelease {
  readonly number: 1 | 2;
  /** Every `table.column` that its writers name. */
  readonly columns: readonly string[];
  /** Of one partition. Gives the `id` of each row that was not there before. */
  insertEvents(events: readonly PlacedEvent[], partition: number, writer: Writer): Statement;
  insertTick(tick: Tick, writer: Writer): Statement;
  /** The newest first. */
  selectEvents(limit: number): Statement;
}

/** What both releases know. */
export const SHARED_COLUMNS = [
  "events.id",
  "events.kafka_partition",
  "events.kafka_offset",
  "events.kind",
  "events.amount",
  "events.sent_at",
  "events.writer_version",
  "events.writer_instance",
  "events.written_at",
  "ticks.id",
  "ticks.sequence",
  "ticks.writer_version",
  "ticks.writer_instance",
  "ticks.written_at",
  "consumer_offsets.next_offset",
  "skipped_records.reason",
] as const;
