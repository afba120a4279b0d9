// A migration that is stopped, whose process is frozen, or whose lock is lost: nothing of it goes on, and nothing of it stays.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createLogger, waitUntil } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBazookaHandler } from "../handler.ts";
import { openMigrations, type MigrationsBench, type Session } from "../testing/migrations.ts";
import { migrateToLatest, rollBackBatch } from "./run-migrations.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
});
afterEach(async () => bench.close());

const isAsleep = (one: Session): boolean => one.state === "active" && one.query.includes("pg_sleep");
/** Under another extension, as the test runner keeps a module that it has loaded; the name in the record is the same. */
function rewrite(name: string, up: string): void {
  rmSync(join(bench.folder, `${name}.js`));
  bench.write(`${name}.mjs`, up);
}
const advisoryLocks = async (): Promise<unknown> =>
  bench.rows(
    `SELECT l.mode, a.application_name, a.state, a.query FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
const noSessions = async (): Promise<unknown> =>
  waitUntil(async () => ((await bench.sessions()).length === 0 ? true : undefined), {
    what: "Every session being gone",
    limitMs: 5_000,
    remedy: "-",
  });

describe("a step that is stopped", () => {
  it("ends its migration at the server before it ends itself, and leaves no lock", async () => {
    bench.write("002_slow.js", `await knex.raw("SELECT pg_sleep(30)")`);
    const stopping = new AbortController();
    const running = migrateToLatest(bench.options("r", { signal: stopping.signal }));
    await bench.untilSession("The migration sleeping", isAsleep);
    stopping.abort(new Error("stopped by the test"));
    await expect(running).rejects.toThrow("stopped by the test");
    expect((await bench.sessions()).filter(isAsleep)).toEqual([]);
    expect(await bench.recorded()).toEqual([]);
    expect(await bench.isThere("things")).toBe(false);
    await noSessions();
    // A session that was on its way may still join the work, see that its holder is gone, and end itself.
    await expect.poll(advisoryLocks, { timeout: 5_000 }).toEqual([]);
  });

  it("lets no later statement of a migration through that hides the failure of an earlier one", async () => {
    const up = `await knex.raw("SELECT pg_sleep(30)").catch(() => undefined); await knex.raw("CREATE TABLE late (n int)")`;
    bench.write("002_stubborn.js", up, { isBare: true });
    const stopping = new AbortController();
    const running = migrateToLatest(bench.options("r", { signal: stopping.signal }));
    await bench.untilSession("The migration sleeping", isAsleep);
    stopping.abort(new Error("stopped by the test"));
    await expect(running).rejects.toThrow("stopped by the test");
    await noSessions();
    expect(await bench.isThere("late")).toBe(false);
    expect(await bench.recorded()).toEqual(["001_things.js"]);
    // Knex's flag was ours: it does not keep the next one out.
    rewrite("002_stubborn", `await knex.raw("SELECT 1")`);
    expect((await migrateToLatest(bench.options("r"))).names).toEqual(["001_things.js", "002_stubborn.js"]);
  });

  it("ends a migration that does nothing at the server", async () => {
    bench.write("002_idle.js", `await knex.raw("SELECT 1"); await new Promise(() => undefined)`);
    const stopping = new AbortController();
    const running = migrateToLatest(bench.options("r", { signal: stopping.signal }));
    await bench.untilSession("The migration idling", (one) => one.state === "idle in transaction");
    stopping.abort(new Error("stopped by the test"));
    await expect(running).rejects.toThrow("stopped by the test");
    await noSessions();
  });

  it("ends a rollback, too", async () => {
    bench.write("002_slow.js", `await knex.raw("SELECT 1")`, { down: `await knex.raw("SELECT pg_sleep(30)")` });
    await bench.bazooka.prepare({ migrate: true });
    const { observation } = await bench.bazooka.plan({ rollback: true, force: true });
    const batch = (observation as { database: { migrations: { lastBatch: never } } }).database.migrations.lastBatch;
    const stopping = new AbortController();
    const running = rollBackBatch(bench.options("r", { signal: stopping.signal }), batch);
    await bench.untilSession("The rollback sleeping", isAsleep);
    stopping.abort(new Error("stopped by the test"));
    await expect(running).rejects.toThrow("stopped by the test");
    await noSessions();
    expect(await bench.recorded()).toEqual(["001_things.js", "002_slow.js"]);
  });

  it("ends the statement of a clearing at the server", async () => {
    await queryRows(bench.pool, "CREATE TABLE pace AS SELECT 30 AS seconds");
    await queryRows(
      bench.pool,
      `CREATE FUNCTION slowly() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM pg_sleep(30)';
       CREATE MATERIALIZED VIEW slow AS SELECT CASE WHEN (SELECT count(*) FROM pace) = 0 THEN slowly() END AS n`,
    );
    const { runId } = await bench.bazooka.engine.start(
      "prepare",
      { clear_db: true, force: true },
      { by: "tests", confirm: (await bench.bazooka.plan({ clear_db: true, force: true })).draft.target },
    );
    const isRefreshing = (one: Session): boolean => one.state === "active" && one.query.startsWith("REFRESH");
    await bench.untilSession("The view being refreshed", isRefreshing);
    await bench.bazooka.engine.stop();
    await noSessions();
    expect(await bench.rows("SELECT seconds FROM pace")).toEqual([{ seconds: 30 }]);
    expect(runId).not.toBe("");
  });
});

describe("a handler before its deadline", () => {
  it("ends the migration at the server, and the next invocation does it", { timeout: 60_000 }, async () => {
    await queryRows(bench.pool, "CREATE SCHEMA pace; CREATE TABLE pace.pace AS SELECT 60 AS seconds");
    bench.write(
      "002_slow.js",
      `await knex.raw("SELECT pg_sleep(seconds) FROM pace.pace"); await knex.raw("CREATE TABLE late (n int)")`,
    );
    const handler = createBazookaHandler({
      env: bench.env,
      logger: createLogger({ service: "tests", level: "silent" }),
    });
    const invoke = async (limitMs: number): Promise<unknown> => {
      const until = performance.now() + limitMs;
      return handler(
        { migrate: true },
        {
          awsRequestId: String(until),
          functionName: "bazooka",
          getRemainingTimeInMillis: () => until - performance.now(),
        },
      );
    };
    await expect(invoke(9_000)).rejects.toMatchObject({ name: "HandlerDeadline" });
    await noSessions();
    expect(await bench.isThere("late")).toBe(false);
    await queryRows(bench.pool, "UPDATE pace.pace SET seconds = 0");
    expect(await invoke(40_000)).toMatchObject({ statusCode: 200 });
    expect(await bench.recorded()).toEqual(["001_things.js", "002_slow.js"]);
  });
});

describe("the sessions of a migration", () => {
  it("have limits on everything that can stay open", async () => {
    bench.write(
      "002_limits.js",
      `await knex.raw("CREATE TABLE limits AS SELECT name, setting::bigint AS ms FROM pg_settings WHERE name LIKE '%\\_timeout' OR name = 'client_connection_check_interval'")`,
    );
    await migrateToLatest(bench.options("r"));
    const limits = await bench.rows<{ name: string; ms: bigint }>("SELECT name, ms FROM limits");
    const limitOf = (name: string): bigint => limits.find((one) => one.name === name)?.ms ?? 0n;
    expect(limitOf("lock_timeout")).toBe(200n);
    expect(limitOf("idle_in_transaction_session_timeout")).toBe(60_000n);
    expect(limitOf("idle_session_timeout")).toBe(60_000n);
    expect(limitOf("statement_timeout")).toBe(6n * 3_600_000n);
    expect(limitOf("client_connection_check_interval")).toBe(1_000n);
  });
});

describe("a process that is frozen in a migration", () => {
  let child: ChildProcess | undefined;
  afterEach(async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  it("loses its sessions and its lock, and another one migrates", { timeout: 60_000 }, async () => {
    bench.write(
      "002_pausing.js",
      `await knex.raw("SELECT 'pausing'"); await new Promise((wake) => setTimeout(wake, 60_000))`,
    );
    const program = new URL("../testing/migrate-process.ts", import.meta.url).pathname;
    child = spawn(process.execPath, [program, bench.folder, "2000"], {
      env: { ...process.env, DATABASE_URL: bench.database.url.reveal() },
      stdio: "ignore",
    });
    await bench.untilSession("The migration pausing", (one) => one.query.includes("pausing"));
    child.kill("SIGSTOP");
    bench.write("002_pausing.js", `await knex.raw("CREATE TABLE late (n int)")`);
    const { names } = await migrateToLatest(bench.options("another"));
    expect(names).toEqual(["001_things.js", "002_pausing.js"]);
    const exited = once(child, "exit");
    child.kill("SIGCONT");
    expect((await exited)[0]).toBe(1);
    expect(await bench.recorded()).toEqual(["001_things.js", "002_pausing.js"]);
  });
});

describe("the lock's session, when it is lost", () => {
  const lockHolder = async (): Promise<number> => {
    const [row] = await bench.rows<{ pid: number }>(
      `SELECT l.pid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND l.granted
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    );
    return row?.pid ?? -1;
  };

  it("ends the migration: nobody works without the lock", async () => {
    bench.write("002_slow.js", `await knex.raw("SELECT pg_sleep(30)")`);
    const running = migrateToLatest(bench.options("r"));
    running.catch(() => undefined);
    await bench.untilSession("The migration sleeping", isAsleep);
    await queryRows(bench.pool, "SELECT pg_terminate_backend($1, 5000)", [await lockHolder()]);
    await expect(running).rejects.toMatchObject({ code: "bazooka.migration-lock-lost", retry: "later" });
    await noSessions();
    expect(await bench.recorded()).toEqual([]);
  });

  it("keeps others out as long as a session of the migration lives", async () => {
    // As a frozen process leaves it: no lock any more, and a statement that is still at work.
    const worker = await bench.pool.connect();
    try {
      await queryRows(worker, "SELECT pg_advisory_lock_shared(hashtextextended('tidegate_bazooka.work', 0))");
      const running = bench.bazooka.prepare({ migrate: true });
      const isPolling = (one: Session): boolean => one.query.includes("tidegate_bazooka.work");
      const first = await bench.untilSession(
        "The lock being taken, and the work being waited for",
        (one) => isPolling(one) && one.ageMs > 20,
      );
      await bench.untilSession("A second look", (one) => isPolling(one) && one.ageMs < first.ageMs);
      expect(await lockHolder()).toBe(first.pid);
      expect(await bench.isThere("things")).toBe(false);
      await queryRows(worker, "SELECT pg_advisory_unlock_all()");
      expect((await running).migrated).toEqual(["001_things.js"]);
    } finally {
      worker.release(true);
    }
  });
});
