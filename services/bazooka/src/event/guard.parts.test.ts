// Generated events through the whole handler: what they reach of the stores, counted at the stores; and what they destroy of real ones, seen from outside.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kafkaOff, openAdmin, openProducer, recordsIn } from "@tidegate/kafka";
import { javaProgram } from "@tidegate/kafka/testing";
import { createLogger, TidegateError } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { describe, expect, it } from "vitest";
import { createBazookaHandler, type BazookaHandler } from "../handler.ts";
import { openStores, type Stores } from "../testing/stores.ts";
import { BREAKING, randomEvents, saysTrue } from "./testing/random-events.ts";

const logger = createLogger({ service: "tests", level: "silent" });
const REFUSED = ["bazooka.event-invalid", "bazooka.force-missing"];
const SEED = 43;
const MODES: ReadonlyArray<readonly [string, boolean]> = [
  ["with", true],
  ["without", false],
];

const DATABASE = ["reset_db", "rollback", "migrate", "clear_db", "send_stateful_orders_to_vulcan"];
const KAFKA = ["create_kafka_topics", "clear_kafka_topics", "send_stateful_orders_to_vulcan"];
const says = (event: unknown, flags: readonly string[]): boolean => flags.some((flag) => saysTrue(event, flag));

async function outcomeOf(handler: BazookaHandler, event: unknown, id: string): Promise<string> {
  try {
    await handler(event, { awsRequestId: id, getRemainingTimeInMillis: () => 60_000 });
    return "done";
  } catch (error) {
    expect(error, JSON.stringify(event)).toBeInstanceOf(TidegateError);
    return (error as TidegateError).code;
  }
}

const guardedEnv = (isGuarded: boolean): Readonly<Record<string, string>> => ({
  TIDEGATE_ENGINE: "volatile",
  PREVENT_BREAKING_CHANGES_WITHOUT_FORCE: String(isGuarded),
});

interface CountingStore {
  readonly port: number;
  /** How many came so far. */
  readonly count: () => Promise<number>;
  readonly close: () => void;
}

/** A store that only counts who comes. */
async function countingStore(): Promise<CountingStore> {
  let count = 0;
  const server = createServer((socket) => {
    count++;
    socket.on("error", () => undefined).destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  let own = 0;
  return {
    port,
    count: async () => {
      // Connections are taken in their order: when this one was, all before it were.
      own++;
      const socket = connect(port, "127.0.0.1").on("error", () => undefined);
      await new Promise((resolve) => socket.on("close", resolve).resume());
      return count - own;
    },
    close: () => void server.close(),
  };
}

/** Events go side by side, in lanes: each lane has stores of its own, so that who came is known by the event. */
const LANES = 50;
const LIMIT_MS = 240_000;

async function openLane(isGuarded: boolean) {
  const [database, kafka, redis] = await Promise.all([countingStore(), countingStore(), countingStore()]);
  const handler = createBazookaHandler({
    env: {
      ...guardedEnv(isGuarded),
      DATABASE_URL: `postgres://nobody@127.0.0.1:${database.port}/nothing`,
      KAFKA_BROKER_URLS: `127.0.0.1:${kafka.port}`,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      REDIS_RECONNECT_TIMEOUT_MS: "1",
      BAZOOKA_MIGRATIONS_DIR: "/nowhere",
    },
    logger,
  });
  const counts = async () => Promise.all([database, kafka, redis].map(async (store) => store.count()));
  const close = (): void => [database, kafka, redis].forEach((store) => store.close());
  return { handler, counts, close };
}

describe.each(MODES)("10,000 generated events through the handler, %s the guard", (_, isGuarded) => {
  it(
    `reach a store only when they say so and may; a refused one reaches none (seed ${SEED})`,
    async () => {
      const events = randomEvents(SEED, 10_000);
      const seen = { refused: new Map<string, number>(), reached: 0, harmless: 0 };
      const inLane = async (first: number): Promise<void> => {
        const lane = await openLane(isGuarded);
        let before = await lane.counts();
        for (let n = first; n < events.length; n += LANES) {
          const event = events[n];
          const where = JSON.stringify(event);
          const outcome = await outcomeOf(lane.handler, event, String(n));
          const now = await lane.counts();
          const [database, kafka, redis] = now.map((count, index) => count > (before[index] ?? 0));
          before = now;
          const isReached = database === true || kafka === true || redis === true;
          if (REFUSED.includes(outcome)) {
            expect(isReached, where).toBe(false);
            seen.refused.set(outcome, (seen.refused.get(outcome) ?? 0) + 1);
            continue;
          }
          if (isGuarded && says(event, BREAKING)) expect(saysTrue(event, "force"), where).toBe(true);
          // The database is looked at first; where that fails, nobody else is.
          expect(database, where).toBe(says(event, DATABASE));
          expect(kafka, where).toBe(!says(event, DATABASE) && says(event, KAFKA));
          expect(redis, where).toBe(!says(event, [...DATABASE, ...KAFKA]) && saysTrue(event, "clear_redis"));
          expect(outcome === "done", where).toBe(!isReached);
          if (isReached) seen.reached++;
          else seen.harmless++;
        }
        lane.close();
      };
      await Promise.all(Array.from({ length: LANES }, async (__, lane) => inLane(lane)));
      expect(seen.reached).toBeGreaterThan(1_000);
      expect(seen.harmless).toBeGreaterThan(100);
      expect(seen.refused.get("bazooka.event-invalid")).toBeGreaterThan(2_000);
      expect(seen.refused.get("bazooka.force-missing") ?? 0).toBeGreaterThan(isGuarded ? 500 : -1);
    },
    LIMIT_MS,
  );
});

const isOff = kafkaOff() !== undefined || redisOff() !== undefined;

describe.skipIf(isOff).each(MODES)(
  "generated events on real stores, %s the guard (needs Java 17, Maven and Redis)",
  (_, isGuarded) => {
    const COUNT = 200;
    it(
      `destroy what they say and may, and nothing else (${COUNT} events, seed ${SEED})`,
      async () => {
        const folder = mkdtempSync(join(tmpdir(), "tidegate-bazooka-"));
        const stores = await openStores(folder);
        try {
          const env = {
            ...stores.env,
            ...guardedEnv(isGuarded),
            BAZOOKA_TOPICS: "to-ender:1",
            BAZOOKA_VULCAN_TOPIC: "to-ender",
          };
          const handler = createBazookaHandler({ env, logger });
          await createTopic(stores);
          const outside = await openOutside(stores);
          const seen = { destroyed: 0, kept: 0 };
          for (const [n, event] of randomEvents(SEED + 1, COUNT).entries()) {
            const where = JSON.stringify(event);
            await outside.fill();
            const outcome = await outcomeOf(handler, event, `${_}-${n}`);
            const isAllowed = !REFUSED.includes(outcome) && (!isGuarded || saysTrue(event, "force"));
            const may = (...flags: string[]): boolean => isAllowed && says(event, flags);
            const left = await outside.look();
            const wanted = {
              table: !may("reset_db"),
              row: !may("reset_db", "clear_db"),
              record: !may("clear_kafka_topics"),
              key: !may("clear_redis"),
            };
            // There are no orders to send here: that ends a run, at its very end.
            expect(left, `${outcome} ${where}`).toEqual(wanted);
            if (Object.values(wanted).every(Boolean)) seen.kept++;
            else seen.destroyed++;
          }
          await outside.close();
          expect(seen.destroyed).toBeGreaterThan(5);
          expect(seen.kept).toBeGreaterThan(50);
        } finally {
          await stores.close();
          rmSync(folder, { recursive: true, force: true });
        }
      },
      LIMIT_MS,
    );
  },
);

/** In each store one thing that somebody would miss. */
async function openOutside(stores: Stores) {
  const connection = { brokers: stores.broker.brokers, clientId: "ground truth" };
  const admin = openAdmin(connection);
  const producer = await openProducer(connection, "to-ender");
  const redis = (...args: string[]): string =>
    spawnSync("redis-cli", ["-p", String(stores.redis.port), ...args], { encoding: "utf8" }).stdout.trim();
  const look = async () => {
    const [table] = await queryRows<{ there: boolean }>(
      stores.pool,
      "SELECT to_regclass('public.precious') IS NOT NULL AS there",
    );
    const rows = table?.there === true ? await queryRows(stores.pool, "SELECT n FROM precious") : [];
    const marks = (await admin.readWatermarks(["to-ender"])).get("to-ender") ?? [];
    const key = redis("GET", "precious") === "here";
    return { table: table?.there === true, row: rows.length > 0, record: recordsIn(marks) > 0n, key };
  };
  return {
    look,
    fill: async () => {
      const there = await look();
      if (!there.table) await queryRows(stores.pool, "CREATE TABLE precious (n int)");
      if (!there.row) await queryRows(stores.pool, "INSERT INTO precious VALUES (1)");
      if (!there.record) await producer.send([{ key: Buffer.from("k"), value: Buffer.from("v") }]);
      if (!there.key) redis("SET", "precious", "here");
    },
    close: async () => {
      await producer.close();
      await admin.close();
    },
  };
}

async function createTopic(stores: Stores): Promise<void> {
  const bootstrap = ["--bootstrap-server", stores.broker.brokers[0] ?? ""];
  const topic = ["--create", "--topic", "to-ender", "--partitions", "1", "--replication-factor", "1"];
  await javaProgram("org.apache.kafka.tools.TopicCommand", [...bootstrap, ...topic]);
}
