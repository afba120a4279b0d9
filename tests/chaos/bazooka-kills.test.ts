// Operators killed between and inside every step of preparations: the stores end as an undisturbed run leaves them.
import { spawnSync } from "node:child_process";
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { ensureTopic, kafkaOff, openAdmin, openProducer } from "@tidegate/kafka";
import { javaProgram } from "@tidegate/kafka/testing";
import { waitUntil } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { expect, it } from "vitest";
import { openStores, readTopic, type Stores } from "@tidegate/bazooka/testing";
import { killAtBoundaries, openTwoOperators, type TwoOperators } from "../operations/two-operators.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const TOPICS = "to-ender:1,to-vulcan:30,to-websockets-subaccounts:3";
/** What is there before: one is missing, one has fewer partitions than wanted, and all are full. */
const TOPICS_BEFORE: ReadonlyArray<readonly [name: string, partitions: number]> = [
  ["to-vulcan", 10],
  ["to-websockets-subaccounts", 3],
];
const RECORDS_BEFORE = 300;
const ORDERS = 400;
/** Forty operators or so are started one after the other. */
const LIMIT_MS = 900_000;
const isOff = kafkaOff() !== undefined || redisOff() !== undefined;

const PREPARE = {
  reset_db: true,
  migrate: true,
  create_kafka_topics: true,
  clear_kafka_topics: true,
  clear_redis: true,
  force: true,
};
const SEND = { send_stateful_orders_to_vulcan: true };
const AGAIN = { rollback: true, migrate: true, clear_db: true, clear_kafka_topics: true, force: true };

it.skipIf(isOff)(
  `prepares, sends and clears alike, killed at every boundary (SEED=${SEED}; needs Java 17, Maven and Redis)`,
  async () => {
    const stores = await openStores(MIGRATIONS_DIR);
    const { DATABASE_URL: BAZOOKA_DATABASE_URL = "", ...rest } = stores.env;
    const env = { ...rest, BAZOOKA_DATABASE_URL, BAZOOKA_TOPICS: TOPICS, BAZOOKA_ORDERS_PER_STEP: "80" };
    const two = await openTwoOperators(env);
    let settled = async (): Promise<void> => undefined;
    try {
      const undisturbed = await wholeStory(stores, two, "undisturbed");
      const killing = killAtBoundaries(two, { seed: SEED, laterMs: 60 });
      settled = killing.settled;
      const killed = await wholeStory(stores, two, "killed");
      await settled();
      expect(killed).toEqual(undisturbed);
      // Each of a process of its own, by the process's number; of them, those between a step's beginning and its end.
      const kills = [...killing.kills.values()];
      expect(kills.length, JSON.stringify(kills)).toBeGreaterThanOrEqual(25);
      expect(kills.filter((one) => one.isInside).length, JSON.stringify(kills)).toBeGreaterThanOrEqual(12);
      for (const step of ["reset-db", "migrate", "clear-topic-to-vulcan", "send-places-2", "clear-db"])
        expect(
          [...killing.boundaries].some((one) => one.includes(` ${step} `)),
          step,
        ).toBe(true);
    } finally {
      await settled().catch(() => undefined);
      await two.close();
      await stores.close();
    }
  },
  LIMIT_MS,
);

/** On stores that are full of something else: prepare them, fill them, send the orders, go back and forth. */
async function wholeStory(stores: Stores, two: TwoOperators, name: string): Promise<unknown> {
  await makeDirty(stores);
  await run(stores, two, `${name}-prepare`, PREPARE);
  const prepared = await seen(stores);
  const offsets = await offsetsOf(stores);
  // There was something to delete, in topics that were there before, and it is gone; the added partitions are empty.
  expect(offsets.filter(({ low, high }) => low !== high)).toEqual([]);
  expect(offsets.reduce((sum, one) => sum + one.high, 0)).toBe(RECORDS_BEFORE * TOPICS_BEFORE.length);
  expect(offsets).toHaveLength(1 + 30 + 3);
  await generateStore(stores.pool, { orders: ORDERS, seed: 3 });
  await run(stores, two, `${name}-send`, SEND);
  const sent = await seenOrders(stores);
  const full = await seen(stores);
  await run(stores, two, `${name}-again`, AGAIN);
  // How many messages were sent twice differs, and with it the offsets; that all are gone does not.
  expect((await offsetsOf(stores)).filter(({ low, high }) => low !== high)).toEqual([]);
  return { prepared, offsets, sent, full, again: await seen(stores) };
}

async function run(
  stores: Stores,
  two: TwoOperators,
  key: string,
  event: Readonly<Record<string, boolean>>,
): Promise<void> {
  const kafka = `kafka ${stores.env["KAFKA_BROKER_URLS"] ?? ""}`;
  const database = `database ${new URL(stores.env["DATABASE_URL"] ?? "").host}/${stores.database.name}`;
  const redis = `redis 127.0.0.1:${stores.redis.port}`;
  const target = event === PREPARE ? [database, kafka, redis] : [database, kafka];
  const runId = await two.startAny("prepare", event, key, event["force"] === true ? target.join(", ") : undefined);
  const ended = await two.ended(runId, 400_000);
  expect(ended, JSON.stringify(ended)).toMatchObject({ state: "succeeded" });
}

async function makeDirty(stores: Stores): Promise<void> {
  await queryRows(stores.pool, "CREATE TABLE IF NOT EXISTS left_over (n int)");
  await queryRows(stores.pool, "INSERT INTO left_over VALUES (1)");
  spawnSync("redis-cli", ["-p", String(stores.redis.port), "SET", "left", "over"]);
  await refillTopics(stores);
}

/** As at the very first: what an earlier story left is deleted. */
async function refillTopics(stores: Stores): Promise<void> {
  const connection = { brokers: stores.broker.brokers, clientId: "chaos" };
  const names = TOPICS.split(",").map((one) => one.split(":")[0] ?? "");
  const admin = openAdmin(connection);
  try {
    for (const topic of (await admin.describeTopics(names)).keys())
      await tool(stores, "TopicCommand", "--delete", "--topic", topic);
    await waitUntil(async () => ((await admin.describeTopics(names)).size === 0 ? true : undefined), {
      what: "The topics being gone",
      limitMs: 20_000,
      remedy: "",
    });
    for (const [name, partitions] of TOPICS_BEFORE) {
      await ensureTopic(admin, { name, partitions, replicas: 1 });
      const producer = await openProducer(connection, name);
      const one = (n: number) => ({ key: Buffer.from(`left-over-${n}`), value: Buffer.from("left over") });
      await producer.send(Array.from({ length: RECORDS_BEFORE }, (_, n) => one(n)));
      await producer.close();
    }
  } finally {
    await admin.close();
  }
}

interface Offsets {
  readonly partition: string;
  readonly low: number;
  readonly high: number;
}

/** Of every partition of the topics, by Kafka's own tool. */
async function offsetsOf(stores: Stores): Promise<readonly Offsets[]> {
  const at = async (time: string): Promise<ReadonlyMap<string, number>> => {
    const lines = (await tool(stores, "GetOffsetShell", "--time", time)).trim().split("\n");
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(":")), Number(line.split(":")[2])] as const));
  };
  const [low, high] = [await at("earliest"), await at("latest")];
  return [...high]
    .filter(([partition]) => !partition.startsWith("__"))
    .map(([partition, offset]) => ({ partition, low: low.get(partition) ?? -1, high: offset }))
    .toSorted((one, other) => one.partition.localeCompare(other.partition));
}

/** Tables, columns, indexes, migrations, rows; topics; keys. */
async function seen(stores: Stores): Promise<unknown> {
  const look = async (sql: string): Promise<unknown> => queryRows(stores.pool, sql);
  const tables = (await look(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm') ORDER BY 1",
  )) as ReadonlyArray<{ readonly name: string }>;
  const rows = await Promise.all(
    // Batch numbers and times of migrations differ; their names are looked at below.
    tables
      .filter(({ name }) => !name.startsWith("knex_"))
      .map(async ({ name }) => [
        name,
        await look(`SELECT count(*)::int AS n, md5(string_agg(t::text, '' ORDER BY t::text)) FROM ${name} t`),
      ]),
  );
  return {
    columns: await look(
      "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
    ),
    indexes: await look(
      "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace ORDER BY 1",
    ),
    grants: await look("SELECT nspacl::text, nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'"),
    migrations: await look("SELECT name, batch FROM knex_migrations ORDER BY id"),
    lock: await look("SELECT is_locked FROM knex_migrations_lock"),
    migrating: await look("SELECT * FROM tidegate_bazooka.migrating"),
    rows,
    topics: (await tool(stores, "TopicCommand", "--describe"))
      .split("\n")
      // The console consumer that looks leaves a topic of its own.
      .filter((line) => !line.includes("__consumer_offsets"))
      .flatMap((line) => /Topic: (\S+).*PartitionCount: (\d+)/.exec(line)?.slice(1).join(" ") ?? [])
      .toSorted(),
    keys: spawnSync("redis-cli", ["-p", String(stores.redis.port), "DBSIZE"], { encoding: "utf8" }).stdout.trim(),
  };
}

/** The step in flight may be sent twice: the messages are compared as a set, and each order's last one with its first. */
async function seenOrders(stores: Stores): Promise<unknown> {
  const records = await readTopic(stores, "to-vulcan");
  const placed = new Set<string>();
  const last = new Map<string, string>();
  for (const { key, value } of records) {
    if (value.startsWith("0a")) placed.add(key);
    else expect(placed.has(key), "an update came before its place").toBe(true);
    last.set(key, value);
  }
  // Only steps in flight were repeated: each a hundred orders at most.
  expect(records.length).toBeLessThan(ORDERS * 10);
  return {
    messages: [...new Set(records.map(({ key, value, partition }) => `${partition} ${key} ${value}`))].toSorted(),
    last: [...last.entries()].map((entry) => entry.join(" ")).toSorted(),
  };
}

async function tool(stores: Stores, name: string, ...args: string[]): Promise<string> {
  const bootstrap = ["--bootstrap-server", stores.broker.brokers[0] ?? ""];
  return javaProgram(`org.apache.kafka.tools.${name}`, [...bootstrap, ...args]);
}
