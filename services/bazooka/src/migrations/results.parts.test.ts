// What a step of migrations tells that it did is what was done for it, over all its tries; and locks that are waited for.
import { waitUntil } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMigrations, type MigrationsBench } from "../testing/migrations.ts";
import { openBazooka } from "../testing/stores.ts";
import { migrateToLatest } from "./run-migrations.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
});
afterEach(async () => bench.close());

const writeIndex = (): void =>
  bench.write("002_index.js", `await knex.raw("CREATE INDEX CONCURRENTLY things_n ON things (n)")`, {
    isBare: true,
    down: `await knex.raw("DROP INDEX things_n")`,
  });

describe("the names of what was migrated", () => {
  it("are those of every try", async () => {
    await bench.bazooka.prepare({ migrate: true });
    writeIndex();
    bench.write("003_alter.js", `await knex.raw("ALTER TABLE held ADD COLUMN m int")`);
    await queryRows(bench.pool, "CREATE TABLE held (n int)");
    const holder = await bench.pool.connect();
    try {
      await queryRows(holder, "BEGIN");
      await queryRows(holder, "LOCK TABLE held IN ACCESS SHARE MODE");
      const running = bench.bazooka.prepare({ migrate: true });
      await bench.untilSession("The third waiting", (one) => one.waitEvent === "relation");
      await waitUntil(
        async () => ((await bench.sessions()).every((one) => one.waitEvent !== "relation") ? true : undefined),
        { what: "Its first try being given up", limitMs: 5_000, everyMs: 5, remedy: "-" },
      );
      await queryRows(holder, "ROLLBACK");
      expect((await running).migrated).toEqual(["002_index.js", "003_alter.js"]);
    } finally {
      holder.release(true);
    }
  });

  it("are told again to whoever does the step again", async () => {
    expect((await migrateToLatest(bench.options("r"))).names).toEqual(["001_things.js"]);
    expect((await migrateToLatest(bench.options("r"))).names).toEqual(["001_things.js"]);
    expect((await migrateToLatest(bench.options("other"))).names).toEqual([]);
  });
});

describe("a concurrent build", () => {
  it("waits for transactions that are older than it, and is not thrown away", async () => {
    await migrateToLatest(bench.options("first"));
    writeIndex();
    const old = await bench.pool.connect();
    try {
      await queryRows(old, "BEGIN ISOLATION LEVEL REPEATABLE READ");
      await queryRows(old, "SELECT FROM things");
      const running = migrateToLatest(bench.options("r", { lockTimeoutMs: 50 }));
      running.catch(() => undefined);
      // Far longer than any other statement may wait.
      await bench.untilSession("The build waiting", (one) => one.waitEvent === "virtualxid" && one.ageMs > 600);
      await queryRows(old, "ROLLBACK");
      expect(await running).toEqual({ names: ["002_index.js"], droppedIndexes: [] });
    } finally {
      old.release(true);
    }
  });

  it("leaves the limit for every other statement as it was", async () => {
    await migrateToLatest(bench.options("first"));
    bench.write(
      "002_both.js",
      `await knex.raw("CREATE INDEX CONCURRENTLY things_n ON things (n)"); await knex.raw("CREATE TABLE limit_after AS SELECT current_setting('lock_timeout') AS it")`,
      { isBare: true },
    );
    await migrateToLatest(bench.options("r"));
    expect(await bench.rows("SELECT it FROM limit_after")).toEqual([{ it: "200ms" }]);
  });

  it("that was cut off is dropped beside transactions that are older, too", async () => {
    await migrateToLatest(bench.options("first"));
    await queryRows(bench.pool, "INSERT INTO things VALUES (1), (1)");
    await queryRows(bench.pool, "CREATE UNIQUE INDEX CONCURRENTLY things_n ON things (n)").catch(() => undefined);
    await queryRows(
      bench.pool,
      "INSERT INTO tidegate_bazooka.migrating (run_id, host, pid, migration, indexes_before) VALUES ('killed', 'here', 1, '002_index.js', '{}')",
    );
    writeIndex();
    const old = await bench.pool.connect();
    try {
      await queryRows(old, "BEGIN");
      await queryRows(old, "SELECT FROM things");
      const running = migrateToLatest(bench.options("r", { lockTimeoutMs: 50 }));
      running.catch(() => undefined);
      await bench.untilSession("The drop waiting", (one) => one.query.startsWith("DROP") && one.ageMs > 600);
      await queryRows(old, "ROLLBACK");
      expect(await running).toEqual({ names: ["002_index.js"], droppedIndexes: ["public.things_n"] });
    } finally {
      old.release(true);
    }
  });
});

describe("one connection at most", () => {
  it("is enough for every step on the database", { timeout: 20_000 }, async () => {
    const small = openBazooka({ ...bench.env, PG_POOL_MAX: "1" });
    writeIndex();
    expect(await small.prepare({ migrate: true })).toMatchObject({ migrated: { length: 2 } });
    expect(await small.prepare({ rollback: true, migrate: true, clear_db: true, force: true })).toMatchObject({
      rolledBack: { length: 2 },
    });
    const { runId } = await small.engine.start("unlock", {}, { by: "tests" });
    expect(await small.engine.wait(runId, { timeoutMs: 10_000 })).toMatchObject({ state: "succeeded" });
    expect(await small.prepare({ reset_db: true, force: true })).toMatchObject({ did: ["reset_db"] });
  });
});
