// `prepare` against a real PostgreSQL, Kafka and Redis: every flag, in its order, seen from outside.
import { spawnSync } from "node:child_process";
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { kafkaOff } from "@tidegate/kafka";
import { javaProgram } from "@tidegate/kafka/testing";
import { waitUntil } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openBazooka, openStores, type Bazooka, type Stores } from "./testing/stores.ts";

const isOff = kafkaOff() !== undefined || redisOff() !== undefined;

describe.skipIf(isOff)("prepare (needs Java 17, Maven and Redis)", () => {
  let stores: Stores;
  let bazooka: Bazooka;
  beforeAll(async () => {
    stores = await openStores(MIGRATIONS_DIR);
    bazooka = openBazooka(stores.env);
  });
  afterAll(async () => stores.close());
  beforeEach(async () => {
    await bazooka.prepare({ reset_db: true, force: true });
  });

  const tables = async (): Promise<readonly string[]> =>
    (
      await queryRows<{ name: string }>(
        stores.pool,
        "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
      )
    ).map((row) => row.name);
  const count = async (table: string): Promise<bigint> =>
    (await queryRows<{ n: bigint }>(stores.pool, `SELECT count(*) AS n FROM ${table}`))[0]?.n ?? -1n;
  const topics = async (): Promise<ReadonlyMap<string, number>> => {
    const out = await javaProgram("org.apache.kafka.tools.TopicCommand", [
      "--bootstrap-server",
      stores.broker.brokers[0] ?? "",
      "--describe",
    ]);
    return new Map(
      [...out.matchAll(/Topic: (\S+)\s+TopicId: \S+\s+PartitionCount: (\d+)/g)].map(([, name = "", n]) => [
        name,
        Number(n),
      ]),
    );
  };

  it("does nothing when it is asked for nothing", async () => {
    const { draft } = await bazooka.plan({});
    expect(draft).toMatchObject({ target: "nothing", steps: [], summary: "The event asks for nothing." });
    expect(await bazooka.prepare({})).toMatchObject({ did: [] });
  });

  it("creates the eight topics of the document on an empty cluster, and changes nothing the second time", async () => {
    expect(await topics()).toEqual(new Map());
    const { draft } = await bazooka.plan({ create_kafka_topics: true });
    expect(draft.notes).toContain("1 of 3 replicas: the cluster has 1 broker.");
    expect((await bazooka.prepare({ create_kafka_topics: true })).topics.every((one) => one.did === "created")).toBe(
      true,
    );
    expect(await topics()).toEqual(
      new Map([
        ["to-ender", 1],
        ["to-vulcan", 210],
        ["to-websockets-block-height", 1],
        ["to-websockets-candles", 1],
        ["to-websockets-markets", 1],
        ["to-websockets-orderbooks", 1],
        ["to-websockets-subaccounts", 3],
        ["to-websockets-trades", 1],
      ]),
    );
    expect((await bazooka.plan({ create_kafka_topics: true })).draft.steps).toEqual([]);
  });

  it("adds partitions, and reports a topic that has more than wanted without failing", async () => {
    const smaller = openBazooka({ ...stores.env, BAZOOKA_TOPICS: "to-ender:3,to-websockets-subaccounts:2" });
    const { draft } = await smaller.plan({ create_kafka_topics: true });
    expect(draft.steps.map((step) => step.change)).toEqual(["Adds 2 partitions to topic to-ender (1 → 3)"]);
    expect(draft.notes).toContain(
      "Topic to-websockets-subaccounts has 3 partitions, more than the 2 wanted: left as it is.",
    );
    expect((await smaller.prepare({ create_kafka_topics: true })).topics).toEqual([
      { topic: "to-ender", did: "grown", partitions: 3 },
    ]);
    expect((await topics()).get("to-websockets-subaccounts")).toBe(3);
  });

  it("migrates in one batch, rolls exactly that batch back, and migrates again", async () => {
    expect((await bazooka.prepare({ migrate: true })).migrated).toHaveLength(5);
    expect(await queryRows(stores.pool, "SELECT DISTINCT batch FROM knex_migrations")).toEqual([{ batch: 1 }]);
    const { draft } = await bazooka.plan({ rollback: true, migrate: true, force: true });
    expect(draft.steps.map((step) => step.name)).toEqual(["rollback", "migrate"]);
    const { rolledBack, migrated } = await bazooka.prepare({ rollback: true, migrate: true, force: true });
    expect(rolledBack).toHaveLength(5);
    expect(migrated).toEqual(rolledBack.toReversed());
    expect(await bazooka.prepare({ rollback: true, force: true })).toMatchObject({ rolledBack: { length: 5 } });
    expect(await tables()).toEqual(["knex_migrations", "knex_migrations_lock"]);
    expect(await bazooka.prepare({ rollback: true, force: true })).toMatchObject({ rolledBack: [] });
  });

  it("empties every table at once and keeps the tables, the migrations, and what is configured to be kept", async () => {
    await bazooka.prepare({ migrate: true });
    await generateStore(stores.pool, { orders: 200 });
    await queryRows(stores.pool, "REFRESH MATERIALIZED VIEW open_interest");
    expect(await count("open_interest")).toBeGreaterThan(0n);
    const before = await tables();
    const keeping = openBazooka({ ...stores.env, BAZOOKA_KEEP_TABLES: "turnkey_users,public.compliance_status" });
    const { draft } = await keeping.plan({ clear_db: true, force: true });
    expect(draft.notes?.join("\n")).toMatch(
      /Kept by configuration: public\.compliance_status, public\.turnkey_users\./,
    );
    expect(await keeping.prepare({ clear_db: true, force: true })).toMatchObject({ clearedTables: 13 });
    for (const table of before) {
      const isKept = ["turnkey_users", "compliance_status", "knex_migrations", "knex_migrations_lock"].includes(table);
      if (isKept) expect(await count(table), table).toBeGreaterThan(0n);
      else expect(await count(table), table).toBe(0n);
    }
    expect(await tables()).toEqual(before);
    expect(await count("open_interest")).toBe(0n);
    expect(await bazooka.prepare({ clear_db: true, force: true })).toMatchObject({ clearedTables: 15 });
    expect(await count("turnkey_users")).toBe(0n);
  });

  it("clears nothing when a kept table refers to a cleared one", async () => {
    await bazooka.prepare({ migrate: true });
    await generateStore(stores.pool, { orders: 20 });
    const keeping = openBazooka({ ...stores.env, BAZOOKA_KEEP_TABLES: "perpetual_markets" });
    await expect(keeping.plan({ clear_db: true, force: true })).rejects.toMatchObject({
      name: "KeptTablesInvalid",
      message: expect.stringContaining("public.perpetual_markets refers to ") as string,
    });
    expect(await count("orders")).toBeGreaterThan(0n);
  });

  it("resets the schemas with owner, grants, default privileges and extensions, and spares its own record", async () => {
    await bazooka.prepare({ migrate: true });
    await queryRows(
      stores.pool,
      `
      DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bazooka_reader') THEN CREATE ROLE bazooka_reader; END IF; END $$;
      GRANT USAGE ON SCHEMA public TO bazooka_reader;
      ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO bazooka_reader;
      CREATE SCHEMA extra; CREATE TABLE extra.thing (n int); COMMENT ON SCHEMA extra IS 'it''s more';
      CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extra`,
    );
    const acl = `SELECT n.nspname, n.nspowner::regrole::text AS owner, n.nspacl::text AS acl, obj_description(n.oid, 'pg_namespace') AS comment,
        (SELECT array_agg(defaclacl::text) FROM pg_default_acl WHERE defaclnamespace = n.oid) AS defaults,
        (SELECT array_agg(extname::text) FROM pg_extension WHERE extnamespace = n.oid) AS extensions
      FROM pg_namespace n WHERE nspname IN ('public', 'extra') ORDER BY 1`;
    const before = await queryRows(stores.pool, acl);
    const effects = await count("tidegate_bazooka.effects");
    expect(await bazooka.prepare({ reset_db: true, force: true })).toMatchObject({ resetSchemas: ["extra", "public"] });
    expect(await queryRows(stores.pool, acl)).toEqual(before);
    expect(JSON.stringify(before)).toContain("bazooka_reader=U");
    expect(await tables()).toEqual([]);
    expect(await count("tidegate_bazooka.effects")).toBe(effects + 1n);
    await queryRows(stores.pool, "DROP SCHEMA extra CASCADE");
  });

  it("clears the records of all topics and the whole Redis server, and keeps the topics", async () => {
    await bazooka.prepare({ migrate: true, create_kafka_topics: true });
    await generateStore(stores.pool, { orders: 100 });
    await bazooka.prepare({ send_stateful_orders_to_vulcan: true });
    spawnSync("redis-cli", ["-p", String(stores.redis.port), "-n", "4", "SET", "a", "b"]);
    const before = await topics();
    const event = { clear_kafka_topics: true, clear_redis: true, force: true };
    const { draft } = await bazooka.plan(event);
    expect(draft.target).toBe(`kafka ${stores.env["KAFKA_BROKER_URLS"] ?? ""}, redis 127.0.0.1:${stores.redis.port}`);
    expect(draft.notes).toContain(`redis 127.0.0.1:${stores.redis.port}: 1 keys in database 4.`);
    const result = await bazooka.prepare(event);
    expect(result.clearedKeys).toBe(1);
    expect(result.clearedRecords).toBeGreaterThanOrEqual(100n);
    expect(
      spawnSync("redis-cli", ["-p", String(stores.redis.port), "DBSIZE"], { encoding: "utf8" }).stdout.trim(),
    ).toBe("0");
    expect(await topics()).toEqual(before);
    expect((await bazooka.prepare(event)).clearedRecords).toBe(0n);
  });

  it("names host, database, tables with estimates, records, keys, and who is connected", async () => {
    await bazooka.prepare({ migrate: true });
    await generateStore(stores.pool, { orders: 300, otherOrders: 0 });
    await queryRows(stores.pool, "ANALYZE");
    const { draft } = await bazooka.plan({ clear_db: true, clear_kafka_topics: true, clear_redis: true, force: true });
    expect(draft.target).toContain(`database 127.0.0.1:`);
    expect(draft.target).toContain(stores.database.name);
    const notes = draft.notes?.join("\n") ?? "";
    expect(notes).toMatch(/orders ~30\d/);
    expect(notes).toContain("Connected now, and not stopped by this: ground truth (");
    expect(notes).toMatch(/Records: to-ender 0, to-vulcan 0/);
    expect(draft.steps.every((step) => step.destroys)).toBe(true);
  });

  it("is refused without force, before anything is looked at", async () => {
    await bazooka.prepare({ migrate: true });
    await generateStore(stores.pool, { orders: 10 });
    await expect(bazooka.plan({ clear_db: true })).rejects.toMatchObject({ name: "ForceMissing" });
    expect(await count("orders")).toBe(11n);
    const open = openBazooka({ ...stores.env, PREVENT_BREAKING_CHANGES_WITHOUT_FORCE: "false" });
    await open.prepare({ clear_db: true });
    expect(await count("orders")).toBe(0n);
  });

  it("leaves no connection behind", async () => {
    await bazooka.prepare({ migrate: true, create_kafka_topics: true });
    // The server needs a moment to see that a connection was closed.
    const left = await waitUntil(
      async () => {
        const rows = await queryRows(
          stores.pool,
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tidegate bazooka%'",
        );
        return rows.length === 0 ? rows : undefined;
      },
      { what: "Every connection being closed", limitMs: 3_000, remedy: "" },
    );
    expect(left).toEqual([]);
  });

  it("says which store is not configured, and needs only those that the event is about", async () => {
    const nothing = openBazooka({});
    await expect(nothing.plan({ clear_redis: true, force: true })).rejects.toThrow(/"redis" is off.*REDIS_URL|redis/);
    const onlyRedis = openBazooka({ REDIS_URL: stores.env["REDIS_URL"] ?? "" });
    expect(await onlyRedis.prepare({ clear_redis: true, force: true })).toMatchObject({ did: ["clear_redis"] });
    await expect(onlyRedis.plan({ migrate: true })).rejects.toThrow(/database/);
  });
});
