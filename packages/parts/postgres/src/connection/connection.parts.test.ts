import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { retry, Secret, serialiseError } from "@tidegate/kernel";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { claimLoopbackPort } from "../embedded/loopback-port.ts";
import { createTestDatabase, type TestDatabase } from "../testing/create-test-database.ts";
import { checkServer } from "./check-server.ts";
import { createPool, type Pool, type PoolOptions } from "./create-pool.ts";
import { queryRows } from "./query-rows.ts";
import { withTransaction } from "./with-transaction.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const pools: Pool[] = [];
function open(options: Partial<PoolOptions> = {}): Pool {
  const pool = createPool({ url: database.url, applicationName: "connection test", max: 4, ...options });
  pools.push(pool);
  return pool;
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.end()));
});

/** The test database's URL with one part changed. */
function urlWith(change: (url: URL) => void): Secret {
  const url = new URL(database.url.reveal());
  change(url);
  return new Secret(url.href);
}

test("values come out exact", async () => {
  const [row] = await queryRows(
    open(),
    `SELECT 9007199254740993::int8 AS big, ARRAY[1, NULL, 9007199254740993]::int8[] AS bigs,
            115792089237316195423570985008687907853269984665640564039457584007913129639935::numeric(78) AS amount,
            '\\x00ff'::bytea AS bytes, 7::int4 AS small, now()::timestamptz IS NOT NULL AS yes`,
  );
  expect(row).toEqual({
    big: 9007199254740993n,
    bigs: [1n, null, 9007199254740993n],
    amount: (2n ** 256n - 1n).toString(),
    bytes: Buffer.from([0, 255]),
    small: 7,
    yes: true,
  });
});

test("a good server is described", async () => {
  expect(await checkServer(open())).toMatchObject({ major: 18, inRecovery: false });
});

test("an unreachable server, a wrong password and a missing database are told apart, without the password", async () => {
  const freePort = await claimLoopbackPort(0);
  const cases = [
    [urlWith((url) => void (url.port = String(freePort))), "PostgresUnreachable", 69],
    [urlWith((url) => void (url.password = "wr0ng-passw0rd")), "PostgresLoginRefused", 1],
    [urlWith((url) => void (url.pathname = "/nowhere")), "PostgresDatabaseMissing", 1],
  ] as const;
  for (const [url, name, exit] of cases) {
    const pool = open({ url });
    const error = await checkServer(pool).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name, exit });
    const { password } = new URL(url.reveal());
    const told = JSON.stringify(serialiseError(error)) + inspect(error, { depth: 9 }) + inspect(pool, { depth: 9 });
    expect(told).not.toContain(password);
  }
});

test("a server that accepts and never answers is unreachable within the limit", async () => {
  const silent = createServer((socket) => socket.resume());
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const url = urlWith((url) => void (url.port = String(port)));
  await expect(checkServer(open({ url, connectionTimeoutMs: 200 }))).rejects.toMatchObject({
    name: "PostgresUnreachable",
  });
  silent.close();
  await once(silent, "close");
});

test("a pool with every connection busy says so", async () => {
  const pool = open({ max: 1, connectionTimeoutMs: 100 });
  const client = await pool.connect();
  try {
    await expect(queryRows(pool, "SELECT 1")).rejects.toMatchObject({ name: "PostgresPoolExhausted", retry: "later" });
  } finally {
    client.release();
  }
});

test("a statement that takes too long is ended by the server", async () => {
  await expect(queryRows(open({ statementTimeoutMs: 50 }), "SELECT pg_sleep(30)")).rejects.toMatchObject({
    name: "PostgresStatementTimeout",
  });
});

test("the loss of an idle connection is an event, not the end of the process", async () => {
  const codes: string[] = [];
  const pool = open({ max: 1, onEvent: (event) => codes.push(event.code) });
  const [row] = await queryRows<{ pid: number }>(pool, "SELECT pg_backend_pid() AS pid");
  const removed = new Promise((resolve) => pool.once("remove", resolve));
  await queryRows(open(), "SELECT pg_terminate_backend($1)", [row?.pid]);
  await removed;
  expect(codes).toEqual(["postgres.idle-connection-lost"]);
  expect(await queryRows(pool, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("a transaction keeps all or nothing", async () => {
  const pool = open();
  await queryRows(pool, "CREATE TABLE kept (n int PRIMARY KEY)");
  await withTransaction(pool, async (client) => {
    await client.query("INSERT INTO kept VALUES (1)");
  });
  const failing = withTransaction(pool, async (client) => {
    await client.query("INSERT INTO kept VALUES (2)");
    await client.query("INSERT INTO kept VALUES (1)");
  });
  await expect(failing).rejects.toMatchObject({
    name: "PostgresQueryFailed",
    sqlState: "23505",
    details: { constraint: "kept_pkey" },
  });
  const own = new RangeError("my own");
  await expect(withTransaction(pool, () => Promise.reject(own))).rejects.toBe(own);
  const ofAnotherService = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  await expect(withTransaction(pool, () => Promise.reject(ofAnotherService))).rejects.toBe(ofAnotherService);
  expect(await queryRows(pool, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
});

test("a read-only transaction refuses writes", async () => {
  const write = withTransaction(open(), (client) => client.query("CREATE TABLE never (n int)"), { readOnly: true });
  await expect(write).rejects.toMatchObject({ name: "PostgresReadOnly" });
});

test("serializable transactions that meet all come through with retry", async () => {
  const pool = open({ max: 8 });
  await queryRows(pool, "CREATE TABLE counter (n int)");
  await queryRows(pool, "INSERT INTO counter VALUES (0)");
  let conflicts = 0;
  // Each first try waits until all eight have read: then seven of them must conflict.
  const everybodyHasRead = Promise.withResolvers<void>();
  let readers = 0;
  const increment = (): Promise<void> =>
    retry(
      (attempt) =>
        withTransaction(
          pool,
          async (client) => {
            const [row] = await queryRows<{ n: number }>(client, "SELECT n FROM counter");
            if (++readers === 8) everybodyHasRead.resolve();
            if (attempt === 1) await everybodyHasRead.promise;
            await queryRows(client, "UPDATE counter SET n = $1", [(row?.n ?? 0) + 1]);
          },
          { isolation: "serializable" },
        ),
      { attempts: 50, baseMs: 5, maxMs: 50, onRetry: () => conflicts++ },
    );
  await Promise.all(Array.from({ length: 8 }, increment));
  expect(await queryRows(pool, "SELECT n FROM counter")).toEqual([{ n: 8 }]);
  expect(conflicts).toBeGreaterThanOrEqual(7);
});

test("a connection lost within a transaction is told, and not used again", async () => {
  const pool = open({ max: 1 });
  const other = open();
  const lost = withTransaction(pool, async (client) => {
    const [row] = await queryRows<{ pid: number }>(client, "SELECT pg_backend_pid() AS pid");
    const ended = new Promise<void>((resolve) => client.once("end", resolve));
    await queryRows(other, "SELECT pg_terminate_backend($1)", [row?.pid]);
    await ended;
    await client.query("SELECT 1");
  });
  await expect(lost).rejects.toMatchObject({ name: "PostgresUnreachable", retry: "later" });
  expect(await queryRows(pool, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("what a killed process was doing ends within seconds, and its locks are free", async () => {
  const pool = open();
  await queryRows(pool, "CREATE TABLE held (id integer)");
  const module = new URL("./create-pool.ts", import.meta.url).href;
  const program = `
    const { createPool } = await import(${JSON.stringify(module)});
    const { Secret } = await import(import.meta.resolve("@tidegate/kernel"));
    const client = await createPool({ url: new Secret(process.env.URL), applicationName: "to be killed", max: 1 }).connect();
    await client.query("BEGIN; LOCK TABLE held IN ACCESS EXCLUSIVE MODE");
    void client.query("SELECT pg_sleep(50)");
    console.log("sleeping");`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: { ...process.env, URL: database.url.reveal() },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  const begun = performance.now();
  await withTransaction(pool, async (client) => {
    await queryRows(client, "SET LOCAL lock_timeout = '20s'");
    await queryRows(client, "SELECT * FROM held");
  });
  expect(performance.now() - begun).toBeLessThan(10_000);
});
