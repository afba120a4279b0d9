// What the comparison looks at, from three places that do not know of each other: the ledger, Kafka, the database.
import type { LedgerContent } from "../ledger/read-ledger.ts";

export interface StoredEvent {
  readonly id: string;
  readonly partition: number;
  readonly offset: bigint;
}

interface SkippedRecord {
  readonly partition: number;
  readonly offset: bigint;
  readonly reason: string;
}

/** One process that wrote, by its first and last row. Times are microseconds since 1970 of the database's clock. */
export interface WriterSpan {
  readonly service: "ender" | "roundtable";
  readonly version: string;
  readonly instance: string;
  readonly firstAt: bigint;
  readonly lastAt: bigint;
  readonly rows: number;
}

export interface DatabaseFacts {
  readonly events: readonly StoredEvent[];
  readonly skipped: readonly SkippedRecord[];
  /** Ids. */
  readonly ticks: readonly string[];
  /** By partition. */
  readonly nextOffsets: ReadonlyMap<number, bigint>;
  readonly writers: readonly WriterSpan[];
}

export interface Watermarks {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

export interface FleetFacts {
  readonly ledger: LedgerContent;
  readonly database: DatabaseFacts;
  /** Of `to-ender`. */
  readonly watermarks: readonly Watermarks[];
}

export interface Finding {
  readonly code:
    | "event-missing"
    | "event-twice"
    | "event-misplaced"
    | "event-unknown"
    | "record-twice"
    | "offset-unaccounted"
    | "offset-not-consumed"
    | "record-unreadable"
    | "beyond-kafka"
    | "tick-missing"
    | "tick-twice"
    | "tick-unknown"
    | "two-versions-at-once"
    | "request-failed";
  readonly message: string;
  readonly count: number;
  /** Some of them. */
  readonly samples: readonly string[];
}
