import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil, type Secret } from "@tidegate/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPool, type Pool } from "../connection/create-pool.ts";
import { queryRows } from "../connection/query-rows.ts";
import { createTestDatabase, type TestDatabase } from "../testing/create-test-database.ts";
import { migrate, pendingMigrations } from "./migrate.ts";

const THREE = {
  "0001_orders.sql": "CREATE TABLE orders (id int); INSERT INTO orders VALUES (1);",
  "0002_price.sql": "ALTER TABLE orders ADD COLUMN price numeric;",
  "0003_count.sql": "CREATE TABLE counts AS SELECT count(*) FROM orders;",
};

let database: TestDatabase;
let pool: Pool;
let directory: string;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "migrate test", max: 4 });
  directory = await mkdtemp(join(tmpdir(), "tidegate-migrations-"));
  await put(THREE);
});
afterEach(async () => {
  await pool.end();
  await database.drop();
  await rm(directory, { recursive: true });
});

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, sql] of Object.entries(files)) await writeFile(join(directory, name), sql);
}

async function recorded(): Promise<object[]> {
  return queryRows(pool, "SELECT owner, number, name FROM tidegate_migrations ORDER BY owner, number");
}

test("applies what is pending, in order, once, and says what it did", async () => {
  const input = { pool, directory, owner: "market-indexer" };
  expect((await pendingMigrations(input)).map((one) => one.number)).toEqual([1, 2, 3]);
  const events: string[] = [];
  const applied = await migrate({ ...input, onEvent: (event) => events.push(event.message) });
  expect(applied.map((one) => one.fileName)).toEqual(Object.keys(THREE));
  expect(events).toHaveLength(6);
  expect(events.at(-1)).toBe("Applied 0003_count.sql of market-indexer");
  expect(await migrate(input)).toEqual([]);
  expect(await pendingMigrations(input)).toEqual([]);
  await put({ "0004_more.sql": "CREATE TABLE more ()" });
  expect(await pendingMigrations(input)).toEqual([{ number: 4, name: "more", fileName: "0004_more.sql" }]);
  expect(await migrate(input)).toHaveLength(1);
});

test("keeps the numbering of several owners apart", async () => {
  await migrate({ pool, directory, owner: "market-indexer" });
  await rm(join(directory, "0003_count.sql"));
  await put({ "0001_orders.sql": "CREATE TABLE runs ()", "0002_price.sql": "CREATE TABLE steps ()" });
  expect(await migrate({ pool, directory, owner: "engine" })).toHaveLength(2);
  expect(await recorded()).toHaveLength(5);
});

test("refuses a changed file and a newer database, and changes nothing", async () => {
  const input = { pool, directory, owner: "market-indexer" };
  await migrate(input);
  await put({ "0002_price.sql": "ALTER TABLE orders ADD COLUMN price int;", "0004_more.sql": "CREATE TABLE more ()" });
  await expect(migrate(input)).rejects.toMatchObject({ name: "MigrationChanged", blame: "user" });
  await expect(pendingMigrations(input)).rejects.toMatchObject({ name: "MigrationChanged" });
  await rm(join(directory, "0004_more.sql"));
  await rm(join(directory, "0003_count.sql"));
  await put(THREE["0002_price.sql"] === "" ? {} : { "0002_price.sql": THREE["0002_price.sql"] });
  await expect(migrate(input)).rejects.toMatchObject({ name: "MigrationDatabaseNewer" });
  expect(await recorded()).toHaveLength(3);
});

test("rolls a failing migration back as a whole and keeps the ones before it", async () => {
  await put({ "0002_price.sql": "CREATE TABLE half (id int); INSERT INTO nowhere VALUES (1);" });
  const failing = migrate({ pool, directory, owner: "me" });
  await expect(failing).rejects.toMatchObject({
    name: "MigrationFailed",
    message: expect.stringMatching(/0002_price\.sql.*"nowhere" does not exist/) as string,
    retry: "never",
  });
  expect(await queryRows(pool, "SELECT to_regclass('half') AS half, to_regclass('orders')::text AS orders")).toEqual([
    { half: null, orders: "orders" },
  ]);
  expect(await recorded()).toEqual([{ owner: "me", number: 1, name: "orders" }]);
  await put(THREE);
  expect(await migrate({ pool, directory, owner: "me" })).toHaveLength(2);
});

test("refuses a file that commits by itself", async () => {
  await put({ "0002_price.sql": "CREATE TABLE half (id int); COMMIT; BEGIN; SELECT 1;" });
  await expect(migrate({ pool, directory, owner: "me" })).rejects.toMatchObject({ name: "MigrationEndsTransaction" });
  expect(await recorded()).toHaveLength(1);
});

test("a migration that waits too long for a table's lock can be tried again", async () => {
  await migrate({ pool, directory, owner: "me" });
  await put({ "0004_lock.sql": "ALTER TABLE orders ADD COLUMN note text;" });
  const holder = await pool.connect();
  try {
    await holder.query("BEGIN; SELECT * FROM orders");
    await expect(migrate({ pool, directory, owner: "me", lockTimeoutMs: 100 })).rejects.toMatchObject({
      name: "MigrationFailed",
      retry: "later",
      exit: 75,
    });
  } finally {
    await holder.query("ROLLBACK");
    holder.release();
  }
  expect(await migrate({ pool, directory, owner: "me" })).toHaveLength(1);
});

/** A runner in another process. Signals "started" when the migration with pg_sleep runs. */
function runnerProcess(url: Secret): ReturnType<typeof spawn> {
  const program = `
    import { Secret } from "@tidegate/kernel";
    import { createPool, migrate } from "@tidegate/postgres";
    const pool = createPool({ url: new Secret(process.env.URL), applicationName: "other runner" });
    const applied = await migrate({ pool, directory: process.env.DIRECTORY, owner: "me" });
    process.stdout.write(JSON.stringify(applied.map((one) => one.number)));
    await pool.end();
  `;
  return spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: import.meta.dirname,
    env: { ...process.env, URL: url.reveal(), DIRECTORY: directory },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function untilItSleeps(): Promise<void> {
  await waitUntil(
    async () => {
      const rows = await queryRows(pool, "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
      return rows.length > 0 ? true : undefined;
    },
    { what: "The other runner's migration", limitMs: 20_000, remedy: "" },
  );
}

test("four runners in four processes apply each migration once", async () => {
  const runners = Array.from({ length: 4 }, () => runnerProcess(database.url));
  const outputs = await Promise.all(
    runners.map(async (runner) => {
      let output = "";
      runner.stdout?.on("data", (chunk: Buffer) => void (output += chunk.toString()));
      const [code] = (await once(runner, "close")) as [number];
      expect(code).toBe(0);
      return JSON.parse(output) as number[];
    }),
  );
  expect(outputs.flat().sort((a, b) => a - b)).toEqual([1, 2, 3]);
  expect(await queryRows(pool, "SELECT id FROM orders")).toEqual([{ id: 1 }]);
});

test("names who holds the lock; a runner killed in a migration leaves none of it", async () => {
  await put({ "0002_price.sql": "CREATE TABLE half (id int); SELECT pg_sleep(60);" });
  const runner = runnerProcess(database.url);
  const ended = once(runner, "close");
  await untilItSleeps();
  await expect(migrate({ pool, directory, owner: "me", lockTimeoutMs: 200 })).rejects.toMatchObject({
    name: "MigrationLockHeld",
    retry: "later",
    message: expect.stringContaining('held by "other runner" (pid ') as string,
  });
  runner.kill("SIGKILL");
  await ended;
  await put(THREE);
  expect((await migrate({ pool, directory, owner: "me" })).map((one) => one.number)).toEqual([2, 3]);
  expect(await queryRows(pool, "SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
});
