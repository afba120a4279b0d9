// What Bazooka is called, and what it works on where nothing else is configured.

export const SERVICE = "bazooka";

/** The nine fields of an event, in the order of the document. */
export const FLAGS = [
  "migrate",
  "rollback",
  "clear_db",
  "reset_db",
  "create_kafka_topics",
  "clear_kafka_topics",
  "clear_redis",
  "send_stateful_orders_to_vulcan",
  "force",
] as const;

/** What an event can ask for, in the order in which it is done. Source: the document, "Processing Flow". */
export const ACTIONS = [
  "reset_db",
  "rollback",
  "migrate",
  "clear_db",
  "create_kafka_topics",
  "clear_kafka_topics",
  "clear_redis",
  "send_stateful_orders_to_vulcan",
] as const;

/** After these, data is gone. */
export const BREAKING_ACTIONS = ["rollback", "clear_db", "reset_db", "clear_kafka_topics", "clear_redis"] as const;

/** Topics and partitions. Source: the document, "Kafka Topics Managed". */
export const DEFAULT_TOPICS: ReadonlyArray<readonly [name: string, partitions: number]> = [
  ["to-ender", 1],
  ["to-vulcan", 210],
  ["to-websockets-orderbooks", 1],
  ["to-websockets-subaccounts", 3],
  ["to-websockets-trades", 1],
  ["to-websockets-markets", 1],
  ["to-websockets-candles", 1],
  ["to-websockets-block-height", 1],
];

export const DEFAULT_REPLICAS = 3;

export const VULCAN_TOPIC = "to-vulcan";

/** What Tidegate's own migration runner records, in the first schema of the search path. */
export const OWN_MIGRATION_TABLE = "tidegate_migrations";

/** They say what the schema is, and are no data: Knex's, and our own where a database is shared. */
export const MIGRATION_TABLES = ["knex_migrations", "knex_migrations_lock", OWN_MIGRATION_TABLE] as const;

/** What an event never touches: the engine's journal and Bazooka's own record, where they share the database. */
export const SPARED_SCHEMAS = ["tidegate_engine", "dbos", "tidegate_bazooka"] as const;
