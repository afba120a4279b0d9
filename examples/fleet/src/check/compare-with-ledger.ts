// The truth about a fleet's run: what the ledger says was accepted, what Kafka holds, what the database has.
import { waitUntil, type Secret } from "@tidegate/kernel";
import { ENDER_TOPIC } from "../constants.ts";
import { readLedger, type LedgerContent } from "../ledger/read-ledger.ts";
import { findDifferences } from "./find-differences.ts";
import type { Finding, Watermarks, WriterSpan } from "./fleet-facts.ts";
import { readDatabase } from "./read-database.ts";
import { readWatermarks } from "./read-watermarks.ts";
import { summariseVersions, type VersionStretch } from "./summarise-versions.ts";

export interface CheckPlace {
  readonly database: Secret;
  readonly brokers: readonly string[];
  readonly ledgerDir: string;
  /** Default none. */
  readonly topicPrefix?: string;
}

export interface Comparison {
  /** Empty when every accepted write is there exactly once, nothing is there that nobody sent, and no two versions wrote at a time. */
  readonly findings: readonly Finding[];
  readonly events: { readonly sent: number; readonly accepted: number; readonly stored: number };
  readonly ticks: { readonly sent: number; readonly accepted: number; readonly stored: number };
  readonly watermarks: readonly Watermarks[];
  /** Every process that wrote. */
  readonly writers: readonly WriterSpan[];
  readonly versions: readonly VersionStretch[];
  readonly reads: LedgerContent["reads"];
}

/**
 * The traffic must have ended, and Ender have read what it sent (see waitUntilConsumed): what is not read yet is a finding. Roundtable may go on.
 * Changes nothing.
 */
export async function compareWithLedger(at: CheckPlace): Promise<Comparison> {
  const topic = (at.topicPrefix ?? "") + ENDER_TOPIC;
  const before = readLedger(at.ledgerDir);
  const watermarks = await readWatermarks(at.brokers, topic);
  const database = await readDatabase(at.database, topic);
  const after = readLedger(at.ledgerDir);
  // What was accepted before the look must be there; what is there was sent before the look ended.
  const ledger: LedgerContent = {
    events: { sent: after.events.sent, accepted: before.events.accepted },
    ticks: { sent: after.ticks.sent, accepted: before.ticks.accepted },
    reads: after.reads,
  };
  return {
    findings: findDifferences({ ledger, database, watermarks }),
    events: { sent: ledger.events.sent.size, accepted: ledger.events.accepted.size, stored: database.events.length },
    ticks: { sent: ledger.ticks.sent.size, accepted: ledger.ticks.accepted.size, stored: database.ticks.length },
    watermarks,
    writers: database.writers,
    versions: summariseVersions(database.writers),
    reads: ledger.reads,
  };
}

/** Waits until Ender's stored offsets are the high watermarks; throws TimedOut. */
export async function waitUntilConsumed(at: Omit<CheckPlace, "ledgerDir">, limitMs: number): Promise<void> {
  const topic = (at.topicPrefix ?? "") + ENDER_TOPIC;
  await waitUntil(
    async () => {
      const watermarks = await readWatermarks(at.brokers, topic);
      const { nextOffsets } = await readDatabase(at.database, topic);
      return watermarks.every(({ partition, high }) => (nextOffsets.get(partition) ?? 0n) >= high) ? true : undefined;
    },
    {
      what: `Ender reading ${topic} to its end`,
      limitMs,
      everyMs: 200,
      remedy: "Read Ender's log: is it running, on the right schema?",
    },
  );
}
