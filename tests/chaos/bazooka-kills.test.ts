// Operators killed between and inside every step of preparations: the stores end as an undisturbed run leaves them.
import { spawnSync } from "node:child_process";
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { kafkaOff } from "@tidegate/kafka";
import { javaProgram } from "@tidegate/kafka/testing";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { expect, it } from "vitest";
import { openStores, readTopic, type Stores } from "@tidegate/bazooka/testing";
import { killAtBoundaries, openTwoOperators, type TwoOperators } from "../operations/two-operators.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const TOPICS = "to-ender:1,to-vulcan:30,to-websockets-subaccounts:3";
const ORDERS = 400;
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
const AGAIN = { rollback: true, migrate: true, clear_db: true, force: true };

it.skipIf(isOff)(
  `prepares, sends and clears alike, killed at every boundary (SEED=${SEED}; needs Java 17, Maven and Redis)`,
  async () => {
    const stores = await openStores(MIGRATIONS_DIR);
    const { DATABASE_URL: BAZOOKA_DATABASE_URL = "", ...rest } = stores.env;
    const env = { ...rest, BAZOOKA_DATABASE_URL, BAZOOKA_TOPICS: TOPICS, BAZOOKA_ORDERS_PER_STEP: "100" };
    const two = await openTwoOperators(env);
    let settled = async (): Promise<void> => undefined;
    try {
      const undisturbed = await wholeStory(stores, two, "undisturbed");
      await deleteTopics(stores);
      const killing = killAtBoundaries(two, { seed: SEED, laterMs: 60 });
      settled = killing.settled;
      const killed = await wholeStory(stores, two, "killed");
      await settled();
      expect(killed).toEqual(undisturbed);
      // Of each event: observe and its steps, begun and done.
      expect(killing.boundaries.size).toBeGreaterThanOrEqual(40);
    } finally {
      await settled().catch(() => undefined);
      await two.close();
      await stores.close();
    }
  },
);

/** On stores that are full of something else: prepare them, fill them, send the orders, go back and forth. */
async function wholeStory(stores: Stores, two: TwoOperators, name: string): Promise<unknown> {
  await makeDirty(stores);
  await run(stores, two, `${name}-prepare`, PREPARE);
  const prepared = await seen(stores);
  await generateStore(stores.pool, { orders: ORDERS, seed: 3 });
  await run(stores, two, `${name}-send`, SEND);
  const sent = await seenOrders(stores);
  const full = await seen(stores);
  await run(stores, two, `${name}-again`, AGAIN);
  return { prepared, sent, full, again: await seen(stores) };
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
  const target = event === PREPARE ? [database, kafka, redis] : event === SEND ? [database, kafka] : [database];
  const runId = await two.startAny("prepare", event, key, event["force"] === true ? target.join(", ") : undefined);
  const ended = await two.ended(runId, 240_000);
  expect(ended, JSON.stringify(ended)).toMatchObject({ state: "succeeded" });
}

async function makeDirty(stores: Stores): Promise<void> {
  await queryRows(stores.pool, "CREATE TABLE IF NOT EXISTS left_over (n int)");
  await queryRows(stores.pool, "INSERT INTO left_over VALUES (1)");
  spawnSync("redis-cli", ["-p", String(stores.redis.port), "SET", "left", "over"]);
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

async function deleteTopics(stores: Stores): Promise<void> {
  for (const topic of TOPICS.split(","))
    await tool(stores, "TopicCommand", "--delete", "--topic", topic.split(":")[0] ?? "");
}

async function tool(stores: Stores, name: string, ...args: string[]): Promise<string> {
  const bootstrap = ["--bootstrap-server", stores.broker.brokers[0] ?? ""];
  return javaProgram(`org.apache.kafka.tools.${name}`, [...bootstrap, ...args]);
}
