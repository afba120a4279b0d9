// The rules of the comparison, without I/O: what was accepted is there exactly once, what is there was sent, no two versions write at a time.
import type { Finding, FleetFacts, StoredEvent, WriterSpan } from "./fleet-facts.ts";

const SAMPLES = 10;

/** Empty when nothing was lost, doubled or made up. */
export function findDifferences(facts: FleetFacts): readonly Finding[] {
  return [
    ...eventFindings(facts),
    ...offsetFindings(facts),
    ...tickFindings(facts),
    ...writerFindings(facts),
    ...readFindings(facts),
  ];
}

function finding(code: Finding["code"], message: string, all: readonly string[]): readonly Finding[] {
  return all.length === 0 ? [] : [{ code, message, count: all.length, samples: all.slice(0, SAMPLES) }];
}

const place = ({ partition, offset }: { readonly partition: number; readonly offset: bigint }): string =>
  `${partition}/${offset}`;

function eventFindings({ ledger, database }: FleetFacts): readonly Finding[] {
  const rowsById = Map.groupBy(database.events, (event) => event.id);
  const duplicates = new Set(database.skipped.filter((one) => one.reason === "duplicate").map(place));
  const accepted = [...ledger.events.accepted];
  const isMisplaced = (rows: readonly StoredEvent[] | undefined, at: string): boolean =>
    rows !== undefined && !rows.some((row) => place(row) === at) && !duplicates.has(at);
  return [
    ...finding(
      "event-missing",
      "The broker accepted these events, and the database does not have them",
      accepted.filter(([id]) => !rowsById.has(id)).map(([id, at]) => `${id} at ${place(at)}`),
    ),
    ...finding(
      "event-twice",
      "These events are in the database more than once",
      [...rowsById].filter(([, rows]) => rows.length > 1).map(([id]) => id),
    ),
    ...finding(
      "event-misplaced",
      "These events are in the database with another place than the broker acknowledged",
      accepted
        .filter(([id, at]) => isMisplaced(rowsById.get(id), place(at)))
        .map(([id, at]) => `${id} at ${place(at)}`),
    ),
    ...finding(
      "event-unknown",
      "These events are in the database, and nobody sent them",
      [...rowsById.keys()].filter((id) => !ledger.events.sent.has(id)),
    ),
  ];
}

function offsetFindings({ ledger, database, watermarks }: FleetFacts): readonly Finding[] {
  const times = new Map<string, number>();
  for (const at of [...database.events, ...database.skipped].map(place)) times.set(at, (times.get(at) ?? 0) + 1);
  const highs = new Map(watermarks.map((one) => [one.partition, one.high]));
  const unaccounted: string[] = [];
  const behind: string[] = [];
  for (const { partition, low, high } of watermarks) {
    const next = database.nextOffsets.get(partition) ?? 0n;
    if (next < high) behind.push(`partition ${partition}: ${next} of ${high}`);
    for (let offset = low; offset < high && offset < next; offset++)
      if (!times.has(place({ partition, offset }))) unaccounted.push(place({ partition, offset }));
  }
  return [
    ...finding(
      "record-twice",
      "Ender processed these records more than once",
      [...times].filter(([, count]) => count > 1).map(([at]) => at),
    ),
    ...finding("offset-unaccounted", "Ender passed these offsets, and the database has nothing of them", unaccounted),
    ...finding("offset-not-consumed", "Ender has not read these partitions to their end", behind),
    ...finding(
      "record-unreadable",
      "Ender could not read these records",
      database.skipped.filter((one) => one.reason === "unreadable").map(place),
    ),
    ...finding(
      "beyond-kafka",
      "The broker acknowledged these places, and does not have them: Kafka lost records, or the topic is another one",
      [...ledger.events.accepted]
        .filter(([, at]) => at.offset >= (highs.get(at.partition) ?? 0n))
        .map(([id, at]) => `${id} at ${place(at)}`),
    ),
  ];
}

function tickFindings({ ledger, database }: FleetFacts): readonly Finding[] {
  const counts = new Map<string, number>();
  for (const id of database.ticks) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [
    ...finding(
      "tick-missing",
      "These ticks were committed, and the database does not have them",
      [...ledger.ticks.accepted.keys()].filter((id) => !counts.has(id)),
    ),
    ...finding(
      "tick-twice",
      "These ticks are in the database more than once",
      [...counts].filter(([, count]) => count > 1).map(([id]) => id),
    ),
    ...finding(
      "tick-unknown",
      "These ticks are in the database, and nobody wrote them",
      [...counts.keys()].filter((id) => !ledger.ticks.sent.has(id)),
    ),
  ];
}

/** Two processes of different versions whose first and last rows overlap. A rollback, one version after the other again, is none. */
function writerFindings({ database: { writers } }: FleetFacts): readonly Finding[] {
  const overlaps = writers.flatMap((one, index) =>
    writers
      .slice(index + 1)
      .filter((other) => one.version !== other.version && one.firstAt <= other.lastAt && other.firstAt <= one.lastAt)
      .map((other) => `${nameOf(one)} and ${nameOf(other)}`),
  );
  return finding("two-versions-at-once", "Writers of two versions wrote at the same time", overlaps);
}

const nameOf = ({ version, instance }: WriterSpan): string => `${instance} (${version})`;

function readFindings({ ledger }: FleetFacts): readonly Finding[] {
  return finding(
    "request-failed",
    "These requests were not answered, and trying again did not help",
    ledger.reads
      .filter((one) => one.outcome === "failed")
      .map((one) => `${one.path} for ${one.outageMs} ms: ${one.reason}`),
  );
}
