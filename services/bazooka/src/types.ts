// What Bazooka is told, sees and gives.
import * as z from "zod";
import type { ACTIONS } from "./constants.ts";

const flag = (describe: string) =>
  z.boolean({ error: "must be true or false, without quotes" }).default(false).describe(describe);

/** The event, after parsing. A field that is not there is false. */
export const bazookaInput = z.strictObject({
  migrate: flag("Run the pending Knex migrations"),
  rollback: flag("Roll back the latest batch of Knex migrations"),
  clear_db: flag("Empty the tables and keep them"),
  reset_db: flag("Drop and recreate all schemas"),
  create_kafka_topics: flag("Create missing topics, and add missing partitions"),
  clear_kafka_topics: flag("Delete all records of the topics and keep the topics"),
  clear_redis: flag("Flush all databases of the Redis server"),
  send_stateful_orders_to_vulcan: flag("Send every open stateful order to Vulcan"),
  force: flag("Confirms what destroys data, where that is protected"),
});

export type BazookaInput = z.infer<typeof bazookaInput>;

/** As Lambda receives it. */
export type BazookaEventJson = Partial<BazookaInput>;

export type Action = (typeof ACTIONS)[number];

/** The answer to an event that was carried out. */
export interface BazookaResponse {
  readonly statusCode: 200;
  readonly body: string;
}

export interface TableFacts {
  readonly schema: string;
  readonly name: string;
  /** The planner's estimate; exact would mean reading them all. Volatile: not part of what a plan holds to. */
  readonly rows: number;
}

export interface MigrationBatch {
  readonly batch: number;
  /** In the order in which they were run. */
  readonly names: readonly string[];
  /** Of each, what tells it from the same migration run anew. */
  readonly marks: readonly string[];
}

export interface MigrationFacts {
  readonly completed: number;
  /** What a rollback takes back. */
  readonly lastBatch: MigrationBatch | null;
  readonly pending: readonly string[];
}

export interface DatabaseFacts {
  /** host:port/name. */
  readonly address: string;
  readonly name: string;
  readonly schemas: readonly string[];
  readonly tables: readonly TableFacts[];
  /** By configuration, of those that are there; `schema.name`. */
  readonly kept: readonly string[];
  /** Why what is configured to be kept cannot be, as things are. */
  readonly keptProblems: readonly string[];
  /** Sentences about who works on the database, or has its migrations locked. Volatile. */
  readonly holders: readonly string[];
  /** Of other programs that are connected: name and number of sessions. Volatile. */
  readonly sessions: ReadonlyArray<{ readonly program: string; readonly count: number }>;
  readonly migrations: MigrationFacts | null;
  /** Left by a concurrent build that was cut off; `schema.name`. */
  readonly invalidIndexes: readonly string[];
}

export interface PlannedTopic {
  readonly name: string;
  /** Wanted. */
  readonly partitions: number;
  /** Null when the topic is not there. */
  readonly present: number | null;
  /** Volatile. */
  readonly records: bigint;
}

export interface KafkaFacts {
  readonly clusterId: string;
  /** As configured; the plan's name of the cluster. */
  readonly address: string;
  readonly brokers: number;
  /** Of topics that will be created: as configured, or as many as there are brokers. */
  readonly replicas: number;
  readonly wantedReplicas: number;
  readonly topics: readonly PlannedTopic[];
}

interface RedisFactsSeen {
  readonly address: string;
  readonly server: string;
  readonly role: "primary" | "replica";
  /** Volatile. */
  readonly keys: Readonly<Record<string, number>>;
}

/** What was seen of the stores that the event is about; the others are null. */
export interface StoresObservation {
  readonly database: DatabaseFacts | null;
  readonly kafka: KafkaFacts | null;
  readonly redis: RedisFactsSeen | null;
  /** Open stateful orders, by the planner's estimate. Volatile. */
  readonly openOrders: number | null;
}

export interface PrepareResult {
  readonly did: readonly Action[];
  readonly database: string | null;
  readonly resetSchemas: readonly string[];
  readonly migrated: readonly string[];
  readonly rolledBack: readonly string[];
  readonly clearedTables: number;
  readonly topics: ReadonlyArray<{ readonly topic: string; readonly did: string; readonly partitions: number }>;
  readonly clearedRecords: bigint;
  readonly clearedKeys: number;
  readonly orders: { readonly places: number; readonly updates: number } | null;
}
