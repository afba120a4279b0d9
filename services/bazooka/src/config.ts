// The settings of Bazooka: names, defaults and meanings. What is not configured is off, and refused by name when an event needs it.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import {
  databaseUrl,
  httpUrl,
  loadSettings,
  secretText,
  setting,
  wholeNumber,
  yesOrNo,
  type ValuesOf,
} from "@tidegate/kernel";
import { Secret } from "@tidegate/kernel";
import * as z from "zod";
import { DEFAULT_REPLICAS, DEFAULT_TOPICS, VULCAN_TOPIC } from "./constants.ts";

const topicList = z
  .string({ error: "must be name:partitions, comma-separated" })
  .transform((text) => text.split(",").map((part) => part.trim()))
  .pipe(
    z.array(
      z
        .string()
        .regex(/^[A-Za-z0-9._-]{1,249}:[1-9]\d{0,4}$/, { error: "must be name:partitions, comma-separated" })
        .transform((part) => {
          const colon = part.lastIndexOf(":");
          return { name: part.slice(0, colon), partitions: Number(part.slice(colon + 1)) };
        }),
    ),
  )
  .refine((topics) => new Set(topics.map((one) => one.name)).size === topics.length, {
    error: "must name each topic once",
  });

const nameList = z.string().transform((text) => text.split(",").map((name) => name.trim()));

const milliseconds = wholeNumber({ min: 1, max: 3_600_000 });

export const bazookaSettings = {
  preventBreaking: setting({
    schema: yesOrNo.default(true),
    env: ["PREVENT_BREAKING_CHANGES_WITHOUT_FORCE"],
    describe: "What destroys data needs force: true in the event",
  }),
  database: setting({
    schema: databaseUrl.optional(),
    env: ["BAZOOKA_DATABASE_URL", "DATABASE_URL"],
    describe: "PostgreSQL to work on; goes before DB_HOSTNAME, DB_PORT, DB_NAME, DB_USERNAME, DB_PASSWORD",
    secret: true,
  }),
  dbHostname: setting({
    schema: z.string().min(1).default("localhost"),
    env: ["DB_HOSTNAME"],
    describe: "Host of the database, where no URL is given",
  }),
  dbPort: setting({
    schema: wholeNumber({ min: 1, max: 65_535 }).default(5432),
    env: ["DB_PORT"],
    describe: "Port of the database, where no URL is given",
  }),
  dbName: setting({
    schema: z.string().min(1).optional(),
    env: ["DB_NAME"],
    describe: "Name of the database, where no URL is given",
  }),
  dbUsername: setting({
    schema: z.string().min(1).optional(),
    env: ["DB_USERNAME"],
    describe: "User of the database, where no URL is given",
  }),
  dbPassword: setting({
    schema: secretText.optional(),
    env: ["DB_PASSWORD"],
    describe: "Password of the database, where no URL is given",
    secret: true,
  }),
  poolMax: setting({
    schema: wholeNumber({ min: 1, max: 100 }).default(2),
    env: ["PG_POOL_MAX"],
    describe: "Connections to the database at most; .env.production sets 10",
  }),
  migrationsDir: setting({
    schema: z.string().min(1).optional(),
    env: ["BAZOOKA_MIGRATIONS_DIR"],
    describe: "Folder of the Knex migrations (.js, .mjs, .cjs, .ts)",
  }),
  migrationLockTimeoutMs: setting({
    schema: milliseconds.default(5_000),
    env: ["BAZOOKA_LOCK_TIMEOUT_MS"],
    describe: "Longest wait of one statement for a lock (lock_timeout); it is tried again a few times",
  }),
  keepTables: setting({
    schema: nameList.default([]),
    env: ["BAZOOKA_KEEP_TABLES"],
    describe: "Tables that clear_db leaves alone, comma-separated, as name or schema.name",
  }),
  kafkaBrokers: setting({
    schema: nameList
      .pipe(z.array(z.string().regex(/^[^\s:]+:\d{1,5}$/, { error: "must be host:port, comma-separated" })))
      .optional(),
    env: ["KAFKA_BROKER_URLS"],
    describe: "Brokers of the Kafka cluster: host:port, comma-separated",
  }),
  kafkaConnectTimeoutMs: setting({
    schema: milliseconds.default(5_000),
    env: ["KAFKA_CONNECTION_TIMEOUT_MS"],
    describe: "Longest wait for a connection to a broker",
  }),
  kafkaTls: setting({ schema: yesOrNo.default(false), env: ["KAFKA_TLS"], describe: "Speak TLS with the brokers" }),
  kafkaSaslMechanism: setting({
    schema: z.enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]).optional(),
    env: ["KAFKA_SASL_MECHANISM"],
    describe: "How to log in at the brokers; default not at all",
  }),
  kafkaSaslUsername: setting({
    schema: z.string().min(1).optional(),
    env: ["KAFKA_SASL_USERNAME"],
    describe: "User for the brokers",
  }),
  kafkaSaslPassword: setting({
    schema: secretText.optional(),
    env: ["KAFKA_SASL_PASSWORD"],
    describe: "Password for the brokers",
    secret: true,
  }),
  topics: setting({
    schema: topicList.default(DEFAULT_TOPICS.map(([name, partitions]) => ({ name, partitions }))),
    env: ["BAZOOKA_TOPICS"],
    describe: "Topics and their partitions: name:partitions, comma-separated",
  }),
  replicas: setting({
    schema: wholeNumber({ min: 1, max: 100 }).default(DEFAULT_REPLICAS),
    env: ["BAZOOKA_TOPIC_REPLICAS"],
    describe: "Replicas of a topic that is created; fewer where the cluster has fewer brokers",
  }),
  clearRetryMs: setting({
    schema: milliseconds.default(3_000),
    env: ["CLEAR_KAFKA_TOPIC_RETRY_MS"],
    describe: "Base of the wait before clearing a topic is tried again; doubles with each try",
  }),
  clearMaxRetries: setting({
    schema: wholeNumber({ min: 1, max: 20 }).default(3),
    env: ["CLEAR_KAFKA_TOPIC_MAX_RETRIES"],
    describe: "Tries to clear a topic, the first included",
  }),
  batchBytes: setting({
    schema: wholeNumber({ min: 1_000, max: 100_000_000 }).default(900_000),
    env: ["KAFKA_MAX_BATCH_WEBSOCKET_MESSAGE_SIZE_BYTES"],
    describe: "Keys and values of one batch of orders, in bytes at most",
  }),
  vulcanTopic: setting({
    schema: z.string().min(1).default(VULCAN_TOPIC),
    env: ["BAZOOKA_VULCAN_TOPIC"],
    describe: "Topic that stateful orders are sent to",
  }),
  ordersPerStep: setting({
    schema: wholeNumber({ min: 1, max: 1_000_000 }).default(50_000),
    env: ["BAZOOKA_ORDERS_PER_STEP"],
    describe: "Orders sent in one durable step; after a kill at most so many are sent again",
  }),
  redis: setting({
    schema: z
      .string({ error: "must be a redis:// URL" })
      .regex(/^rediss?:\/\/\S+$/, { error: "must be a redis:// URL" })
      .transform((text) => new Secret(text))
      .optional(),
    env: ["REDIS_URL"],
    describe: "Redis server to clear",
    secret: true,
  }),
  redisReconnectMs: setting({
    schema: milliseconds.default(500),
    env: ["REDIS_RECONNECT_TIMEOUT_MS"],
    describe: "Pause before connecting to Redis is tried again",
  }),
  bugsnagKey: setting({
    schema: secretText.optional(),
    env: ["BUGSNAG_KEY"],
    describe: "Reports errors to Bugsnag; default nowhere but the log",
    secret: true,
  }),
  bugsnagReleaseStage: setting({
    schema: z.string().min(1).optional(),
    env: ["BUGSNAG_RELEASE_STAGE"],
    describe: "The stage that reports name",
  }),
  bugsnagNotifyUrl: setting({
    schema: httpUrl.optional(),
    env: ["BUGSNAG_NOTIFY_URL"],
    describe: "Where reports go; default Bugsnag's own address",
  }),
  sendBugsnagErrors: setting({
    schema: yesOrNo.default(true),
    env: ["SEND_BUGSNAG_ERRORS"],
    describe: "Off keeps errors from Bugsnag though there is a key",
  }),
} as const;

export type BazookaConfig = ValuesOf<typeof bazookaSettings>;

/** `.env` and those of the stages lie beside `src`; the build puts them beside the built handler. */
const FOLDER = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? ".." : ".", import.meta.url));

/** Environment > `.env.NODE_ENV` > `.env` > default. Throws ConfigInvalid. */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, folder: string = FOLDER): BazookaConfig {
  const stage = env["NODE_ENV"] ?? "";
  const files = [".env", ...(/^[a-z]+$/.test(stage) ? [`.env.${stage}`] : [])]
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path));
  const fromFiles = Object.assign(
    {},
    ...files.map((path) => parseEnv(readFileSync(path, "utf8"))),
  ) as NodeJS.ProcessEnv;
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ""));
  return loadSettings(bazookaSettings, { env: { ...fromFiles, ...given } }).values;
}
