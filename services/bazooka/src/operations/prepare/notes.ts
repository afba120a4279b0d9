// What a reader of the plan should know besides: estimates, counts, what is left alone. Pure.
import { isKept } from "../../database/is-kept.ts";
import type { Action, DatabaseFacts, KafkaFacts, StoresObservation } from "../../types.ts";

export function notesOf(actions: readonly Action[], observation: StoresObservation): readonly string[] {
  const { database, kafka, redis, openOrders } = observation;
  return [
    ...(database === null ? [] : databaseNotes(actions, database)),
    ...(kafka === null ? [] : kafkaNotes(actions, kafka)),
    ...(redis === null ? [] : [`redis ${redis.address}: ${keysText(redis.keys)}.`]),
    ...(redis?.role === "replica" ? [`redis ${redis.address} is a replica, and will refuse to be cleared.`] : []),
    ...(openOrders === null ? [] : [`About ${openOrders.toLocaleString("en")} open stateful orders.`]),
  ];
}

function databaseNotes(actions: readonly Action[], database: DatabaseFacts): readonly string[] {
  const destroys = actions.some((action) => action === "reset_db" || action === "clear_db" || action === "rollback");
  const clears = actions.includes("clear_db");
  // A rollback drops what it drops, kept or not.
  const kept = clears && !actions.includes("rollback") ? database.kept : [];
  const rows = database.tables
    .filter((table) => !isKept(table, kept))
    .map((table) => `${table.name} ~${Math.round(table.rows).toLocaleString("en")}`);
  const sessions = database.sessions.map(({ program, count }) => `${program} (${count})`);
  const migrates = actions.includes("migrate") || actions.includes("rollback");
  return [
    ...database.holders,
    ...(destroys && rows.length > 0 ? [`Rows, estimated: ${rows.join(", ")}.`] : []),
    ...(actions.includes("rollback")
      ? ["What a rollback drops is in the down of its migrations; any of these tables may be among it."]
      : []),
    ...(clears && database.kept.length > 0 ? [`Kept by configuration: ${database.kept.join(", ")}.`] : []),
    ...(destroys && sessions.length > 0
      ? [`Connected now, and not stopped by this: ${sessions.join(", ")}. Stop writers first.`]
      : []),
    ...(migrates && database.invalidIndexes.length > 0
      ? [
          `Invalid indexes of an interrupted build: ${database.invalidIndexes.join(", ")}. DROP INDEX CONCURRENTLY removes them.`,
        ]
      : []),
  ];
}

function kafkaNotes(actions: readonly Action[], kafka: KafkaFacts): readonly string[] {
  const larger = kafka.topics.filter((topic) => topic.present !== null && topic.present > topic.partitions);
  const missing = kafka.topics.filter((topic) => topic.present === null);
  const creates = actions.includes("create_kafka_topics");
  const records = kafka.topics
    .filter((topic) => topic.present !== null)
    .map((topic) => `${topic.name} ${topic.records.toLocaleString("en")}`);
  return [
    ...(creates && missing.length > 0 && kafka.replicas < kafka.wantedReplicas
      ? [
          `${kafka.replicas} of ${kafka.wantedReplicas} replicas: the cluster has ${kafka.brokers} ${kafka.brokers === 1 ? "broker" : "brokers"}.`,
        ]
      : []),
    ...(creates
      ? larger.map(
          (topic) =>
            `Topic ${topic.name} has ${topic.present ?? 0} partitions, more than the ${topic.partitions} wanted: left as it is.`,
        )
      : []),
    ...(creates && kafka.topics.some((topic) => topic.present !== null && topic.present < topic.partitions)
      ? [
          "Adding partitions moves keys: records of one key before and after lie in different partitions. Quiesce writers first.",
        ]
      : []),
    ...(actions.includes("clear_kafka_topics") && records.length > 0 ? [`Records: ${records.join(", ")}.`] : []),
    ...(actions.includes("clear_kafka_topics") && !creates && missing.length > 0
      ? [`Not there, so not cleared: ${missing.map((topic) => topic.name).join(", ")}.`]
      : []),
  ];
}

function keysText(keys: Readonly<Record<string, number>>): string {
  const parts = Object.entries(keys).map(
    ([database, count]) => `${count.toLocaleString("en")} keys in database ${database}`,
  );
  return parts.length === 0 ? "no keys" : parts.join(", ");
}
