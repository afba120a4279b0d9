// The thread that sends orders: one for a run, a new one after a failure, none left when it is closed.
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { kafkaOff } from "@tidegate/kafka";
import { Secret } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBazooka, openStores, readTopic, type Stores } from "../../testing/stores.ts";
import { toSettings } from "./messages.ts";
import { createSendingThread, type SendingThread } from "./sending-thread.ts";

const isOff = kafkaOff() !== undefined || redisOff() !== undefined;
const ORDERS = 300;
const unstopped = { signal: new AbortController().signal, onSent: (): void => undefined };

describe.skipIf(isOff)("the sending thread (needs Java 17, Maven and Redis)", () => {
  let stores: Stores;
  let thread: SendingThread;
  beforeAll(async () => {
    stores = await openStores(MIGRATIONS_DIR);
    await openBazooka(stores.env).prepare({ migrate: true, create_kafka_topics: true });
    await generateStore(stores.pool, { orders: ORDERS, seed: 11 });
  });
  afterAll(async () => stores.close());
  beforeEach(async () => {
    await openBazooka(stores.env).prepare({ clear_kafka_topics: true, force: true });
    thread = createSendingThread(
      toSettings({
        databaseUrl: stores.database.url,
        kafka: { brokers: stores.broker.brokers, clientId: "tests" },
        runId: "prepare-test",
        topic: "to-vulcan",
        batchBytes: 900_000,
      }),
    );
  });
  afterEach(async () => thread.close());

  const backends = async (): Promise<readonly number[]> => {
    const rows = await queryRows<{ pid: number }>(
      stores.pool,
      "SELECT pid FROM pg_stat_activity WHERE application_name = 'tidegate bazooka orders' ORDER BY pid",
    );
    return rows.map((row) => row.pid);
  };

  it("sends stretch after stretch over the same connections, and has none when it is closed", async () => {
    const first = await thread.send({ kind: "place", after: null, limit: 100 }, unstopped);
    const before = await backends();
    expect(before.length).toBeGreaterThan(0);
    const second = await thread.send({ kind: "place", after: first.next, limit: 1_000 }, unstopped);
    expect([first.sent, second.sent, second.next]).toEqual([100, ORDERS - 100, null]);
    expect(await backends()).toEqual(expect.arrayContaining([...before]));
    expect(await readTopic(stores, "to-vulcan")).toHaveLength(ORDERS);
    await thread.close();
    expect(await backends()).toEqual([]);
  });

  it("is another one after a failure", async () => {
    const first = await thread.send({ kind: "place", after: null, limit: 100 }, unstopped);
    const before = await backends();
    await queryRows(stores.pool, "ALTER TABLE orders RENAME TO orders_gone");
    try {
      await expect(thread.send({ kind: "place", after: first.next, limit: 1_000 }, unstopped)).rejects.toThrow(
        'relation "orders" does not exist',
      );
      expect(await backends()).toEqual([]);
    } finally {
      await queryRows(stores.pool, "ALTER TABLE orders_gone RENAME TO orders");
    }
    expect((await thread.send({ kind: "place", after: first.next, limit: 1_000 }, unstopped)).sent).toBe(ORDERS - 100);
    const after = await backends();
    expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  });

  it("is another one after its connections were cut", async () => {
    const first = await thread.send({ kind: "place", after: null, limit: 100 }, unstopped);
    for (const pid of await backends()) await queryRows(stores.pool, "SELECT pg_terminate_backend($1)", [pid]);
    const rest = await thread.send({ kind: "place", after: first.next, limit: 1_000 }, unstopped).catch(async () => {
      // The cut may be told to the stretch that meets it; the step is tried again.
      return thread.send({ kind: "place", after: first.next, limit: 1_000 }, unstopped);
    });
    expect(rest.sent).toBe(ORDERS - 100);
  });

  it("ends when it is stopped, and says why", async () => {
    const stop = new AbortController();
    await thread.send({ kind: "place", after: null, limit: 1 }, unstopped);
    const lock = await stores.pool.connect();
    try {
      await queryRows(lock, "BEGIN");
      await queryRows(lock, "LOCK TABLE orders IN ACCESS EXCLUSIVE MODE");
      const stopped = thread.send({ kind: "place", after: null, limit: 1_000 }, { ...unstopped, signal: stop.signal });
      stop.abort(new Error("told to"));
      await expect(stopped).rejects.toThrow("told to");
      await queryRows(lock, "ROLLBACK");
    } finally {
      lock.release(true);
    }
    await expect(
      thread.send({ kind: "place", after: null, limit: 1 }, { ...unstopped, signal: stop.signal }),
    ).rejects.toThrow("told to");
  });

  it("says what it was refused with", async () => {
    const other = createSendingThread(
      toSettings({
        databaseUrl: new Secret("postgres://nobody@127.0.0.1:1/none"),
        kafka: { brokers: stores.broker.brokers, clientId: "tests" },
        runId: "prepare-test",
        topic: "to-vulcan",
        batchBytes: 900_000,
      }),
    );
    await expect(other.send({ kind: "place", after: null, limit: 1 }, unstopped)).rejects.toThrow("ECONNREFUSED");
    await other.close();
  });
});
