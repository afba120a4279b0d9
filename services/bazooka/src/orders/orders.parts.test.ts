// The stateful orders of a store in a topic: which are sent, as what, where, in what order; and what becomes of those that cannot be sent.
import { createHash } from "node:crypto";
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { kafkaOff } from "@tidegate/kafka";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBazooka, openStores, readTopic, type SeenRecord, type Stores } from "../testing/stores.ts";
import { readMarkets, selectOrders } from "./select-orders.ts";
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
