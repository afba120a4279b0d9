// The stateful orders of a store in a topic: which are sent, as what, where, in what order; and what becomes of those that cannot be sent.
import { createHash } from "node:crypto";
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { kafkaOff, type KafkaProducer } from "@tidegate/kafka";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBazooka, openStores, readTopic, type SeenRecord, type Stores } from "../testing/stores.ts";
import { readMarkets, selectOrders } from "./select-orders.ts";
import { sendOrders } from "./send-orders.ts";
import { forgetUnsent } from "./unsent-orders.ts";
import { referenceKey, referencePlace, referenceUpdate } from "./testing/reference-encoder.ts";

const isOff = kafkaOff() !== undefined || redisOff() !== undefined;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe.skipIf(isOff)("stateful orders (needs Java 17, Maven and Redis)", () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(MIGRATIONS_DIR);
    await openBazooka(stores.env).prepare({ migrate: true, create_kafka_topics: true });
  });
  afterAll(async () => stores.close());
  beforeEach(async () => {
    await openBazooka(stores.env).prepare({ clear_db: true, clear_kafka_topics: true, force: true });
  });

  /** From the rows themselves, through protobufjs: which messages must be there. */
  const wanted = async (): Promise<{ readonly places: readonly string[]; readonly updates: readonly string[] }> => {
    const all = await selectOrders(stores.pool, await readMarkets(stores.pool), {
      after: null,
      limit: 100_000,
      onlyFilled: false,
    });
    const rows = all.filter(
      (row) => row.owner !== null && row.atomicResolution !== null && !row.clientMetadata.startsWith("10"),
    );
    return {
      places: rows.map((row) => `${hex(referenceKey(row))} ${hex(referencePlace(row))}`).toSorted(),
      updates: rows
        .filter((row) => Number(row.totalFilled) !== 0)
        .map((row) => `${hex(referenceKey(row))} ${hex(referenceUpdate(row))}`)
        .toSorted(),
    };
  };
  const told = (records: readonly SeenRecord[]): readonly string[] => records.map((one) => `${one.key} ${one.value}`);

  it("are sent whole: every place, and an update for each that is partly filled; and no other order", async () => {
    const { filled } = await generateStore(stores.pool, { orders: 3_000, seed: 7 });
    const result = await openBazooka({ ...stores.env, BAZOOKA_ORDERS_PER_STEP: "700" }).prepare({
      send_stateful_orders_to_vulcan: true,
    });
    expect(result.orders).toEqual({ places: 3_000, updates: filled });
    const records = await readTopic(stores, "to-vulcan");
    const { places, updates } = await wanted();
    expect(places).toHaveLength(3_000);
    expect(told(records).toSorted()).toEqual([...places, ...updates].toSorted());
  });

  it("have the place before the update of the same order, in the partition of Java's hash", async () => {
    await generateStore(stores.pool, { orders: 500, seed: 8 });
    await openBazooka({ ...stores.env, KAFKA_MAX_BATCH_WEBSOCKET_MESSAGE_SIZE_BYTES: "2000" }).prepare({
      send_stateful_orders_to_vulcan: true,
    });
    const records = await readTopic(stores, "to-vulcan");
    const first = new Map<string, SeenRecord>();
    for (const record of records) {
      const earlier = first.get(record.key);
      if (earlier === undefined) {
        first.set(record.key, record);
        // 0a: order_place; 1a: order_update.
        expect(record.value.slice(0, 2)).toBe("0a");
      } else {
        expect(record.value.slice(0, 2)).toBe("1a");
        expect(record.partition).toBe(earlier.partition);
      }
    }
    expect(new Set(records.map((one) => one.partition)).size).toBeGreaterThan(100);
  });

  it("carry headers that say what they are and when they were sent", async () => {
    await generateStore(stores.pool, { orders: 60, seed: 9 });
    await openBazooka(stores.env).prepare({ send_stateful_orders_to_vulcan: true });
    const headers = (await readTopic(stores, "to-vulcan")).map((one) => one.headers);
    for (const header of headers)
      expect(header).toMatch(
        /^message_received_timestamp:\d{13},event_type:(StatefulOrderPlacement|ConditionalOrderTriggered|StatefulOrderUpdate)$/,
      );
    expect(new Set(headers.map((header) => header.split("event_type:")[1])).size).toBe(3);
  });

  it("that cannot be sent fail the run at the end with a list, and all others are sent", async () => {
    const { filled } = await generateStore(stores.pool, { orders: 400, badOrders: 9, seed: 10 });
    const outcome = await openBazooka({ ...stores.env, BAZOOKA_ORDERS_PER_STEP: "100" }).run({
      send_stateful_orders_to_vulcan: true,
    });
    expect(outcome).toMatchObject({
      state: "failed",
      error: { name: "OrdersNotSent", details: { count: 9, sent: 400 } },
    });
    const { orders } = (
      outcome as unknown as { error: { details: { orders: ReadonlyArray<{ orderId: string; problem: string }> } } }
    ).error.details;
    const bad = await queryRows<{ id: string }>(
      stores.pool,
      `SELECT id FROM orders WHERE "clientMetadata" = 10 AND status = 'OPEN' AND id = ANY ($1)`,
      [orders.map((one) => one.orderId)],
    );
    expect(bad).toHaveLength(9);
    expect(new Set(orders.map((one) => one.problem.replace(/its size .*/, "size")))).toEqual(
      new Set(["its subaccount is not there", "no market has its clobPairId 999999", "size"]),
    );
    expect(await readTopic(stores, "to-vulcan")).toHaveLength(400 + filled);
  });

  interface NotSent {
    readonly message: string;
    readonly remedy: string;
    readonly details: {
      readonly count: number;
      readonly amounts: number;
      readonly sent: number;
      readonly orders: ReadonlyArray<{ readonly orderId: string; readonly problem: string }>;
    };
  }
  const failing = async (env: Readonly<Record<string, string>> = {}): Promise<{ runId: string; error: NotSent }> => {
    const bazooka = openBazooka({ ...stores.env, ...env });
    const outcome = await bazooka.run({ send_stateful_orders_to_vulcan: true });
    expect(outcome).toMatchObject({ state: "failed", error: { name: "OrdersNotSent" } });
    const { runs } = await bazooka.engine.list({});
    return { runId: runs[0]?.id ?? "", error: (outcome as unknown as { error: NotSent }).error };
  };

  it("leave out one that lasts for ever, and those of a market beyond all bounds, and send all others", async () => {
    await generateStore(stores.pool, { orders: 300, seed: 11, otherOrders: 0 });
    await queryRows(
      stores.pool,
      `UPDATE orders SET "goodTilBlockTime" = 'infinity' WHERE id = (SELECT max(id::text)::uuid FROM orders WHERE "clobPairId" <> 7)`,
    );
    await queryRows(
      stores.pool,
      `UPDATE perpetual_markets SET "atomicResolution" = -2147483648 WHERE "clobPairId" = 7`,
    );
    const [row] = await queryRows<{ n: bigint }>(
      stores.pool,
      `SELECT count(*) AS n FROM orders WHERE "clobPairId" = 7`,
    );
    const count = Number(row?.n) + 1;
    expect(count).toBeGreaterThan(1);
    const { error } = await failing();
    expect(error.details).toMatchObject({ count, sent: 300 - count });
    const said = error.details.orders.map((one) => one.problem.replace(/ [\d.]+ ×/, " N ×"));
    expect(new Set(said)).toEqual(
      new Set(['its goodTilBlockTime "infinity" is no whole number', "its size N × 10^2147483648 is beyond any order"]),
    );
    const places = (await readTopic(stores, "to-vulcan")).filter((one) => one.value.startsWith("0a"));
    expect(places).toHaveLength(300 - count);
  });

  it("that cannot be sent are all recorded by id, however many; a list that was mended is not kept", async () => {
    await generateStore(stores.pool, { orders: 50, badOrders: 1_500, seed: 12 });
    await queryRows(stores.pool, `UPDATE orders SET "clobPairId" = 999999 WHERE "clientMetadata" = 10`);
    const { runId, error } = await failing({ BAZOOKA_ORDERS_PER_STEP: "400" });
    expect(error.details).toMatchObject({ count: 1_500 });
    expect(error.details.orders).toHaveLength(1_000);
    expect(error.remedy).toContain(`SELECT * FROM tidegate_bazooka.unsent_orders WHERE run_id = '${runId}'`);
    const bad = await queryRows<{ id: string }>(
      stores.pool,
      `SELECT id FROM orders WHERE "clientMetadata" = 10 AND status = 'OPEN' AND "orderFlags" IN (32, 64) ORDER BY id`,
    );
    const recorded = await queryRows(
      stores.pool,
      "SELECT order_id AS id FROM tidegate_bazooka.unsent_orders WHERE run_id = $1 AND kind = 'place' ORDER BY order_id",
      [runId],
    );
    expect(recorded).toEqual(bad);
    const scope = { runId, kind: "place" } as const;
    const middle = bad[700]?.id ?? "";
    await forgetUnsent(stores.pool, scope, { after: middle });
    const left = await queryRows<{ n: bigint }>(
      stores.pool,
      "SELECT count(*) AS n FROM tidegate_bazooka.unsent_orders WHERE run_id = $1",
      [runId],
    );
    expect(left).toEqual([{ n: 701n }]);
  });

  it("are sent from a database that is only read, and the error says what could not be recorded", async () => {
    await generateStore(stores.pool, { orders: 60, badOrders: 3, seed: 13 });
    const set = async (to: "on" | "off") =>
      queryRows(stores.pool, `ALTER DATABASE ${stores.database.name} SET default_transaction_read_only = ${to}`);
    await set("on");
    try {
      const { error } = await failing();
      expect(error.details).toMatchObject({ count: 3, sent: 60, unrecorded: { count: 3 } });
      expect(error.remedy).toMatch(/but for 3 that could not be recorded: .*read-only/);
    } finally {
      await set("off");
    }
  });

  it("of which only the filled amount is wrong are placed, and counted as such", async () => {
    const { filled } = await generateStore(stores.pool, { orders: 200, seed: 14 });
    await queryRows(
      stores.pool,
      `UPDATE orders SET "totalFilled" = 1e-30 WHERE id IN (SELECT id FROM orders WHERE status = 'OPEN' AND "orderFlags" = 64 AND "totalFilled" <> 0 LIMIT 2)`,
    );
    const { error } = await failing();
    expect(error.details).toMatchObject({ count: 0, amounts: 2, sent: 200 });
    expect(error.message).toMatch(/^The filled amount of 2 that were sent could not be; all else was sent\./);
    expect(await readTopic(stores, "to-vulcan")).toHaveLength(200 + filled - 2);
  });

  it("go batch after batch, each after the one before it was acknowledged", async () => {
    await generateStore(stores.pool, { orders: 5_000, seed: 15, otherOrders: 0 });
    const keys: string[] = [];
    let underWay = 0;
    let most = 0;
    let turn = 0;
    const producer: KafkaProducer = {
      // Of two that are under way at once, the later is there first.
      send: async (records) => {
        most = Math.max(most, ++underWay);
        for (let rest = turn++ % 2 === 0 ? 3 : 0; rest > 0; rest--) await new Promise(setImmediate);
        keys.push(...records.map((one) => one.key.toString("hex")));
        underWay--;
      },
      close: async () => undefined,
    };
    const { signal } = new AbortController();
    const deps = { pool: stores.pool, producer, batchBytes: 10_000, now: () => 0, record: async () => undefined };
    const sent = await sendOrders(deps, { kind: "place", after: null, limit: 10_000 }, { signal });
    expect(sent).toMatchObject({ sent: 5_000, problemCount: 0 });
    expect(turn).toBeGreaterThan(50);
    expect(most).toBe(1);
    const markets = await readMarkets(stores.pool);
    const rows = await selectOrders(stores.pool, markets, { after: null, limit: 10_000, onlyFilled: false });
    expect(keys).toEqual(rows.map((row) => hex(referenceKey(row))));
  });

  it("fail the run when the topic is not there, instead of being lost", async () => {
    await generateStore(stores.pool, { orders: 10 });
    const outcome = await openBazooka({ ...stores.env, BAZOOKA_VULCAN_TOPIC: "nowhere" }).run({
      send_stateful_orders_to_vulcan: true,
    });
    expect(outcome).toMatchObject({ state: "failed", error: { code: "kafka.topic-missing" } });
  });

  it("have the sha-256 of their id as the key", () => {
    const id = Buffer.from("0a0a0a086479647831616263150100000018402001", "hex");
    expect(createHash("sha256").update(id).digest("hex")).toMatch(/^0d0a79ae/);
  });
});
