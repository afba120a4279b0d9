// Beside plain `knex`: its lock is respected, whatever a killed run of ours left.
import knex from "knex";
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMigrations, type MigrationsBench } from "../testing/migrations.ts";
import { migrationSource } from "./migration-source.ts";
import { migrateToLatest } from "./run-migrations.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
  await bench.bazooka.prepare({ migrate: true });
  bench.write("002_more.js", `await knex.raw("SELECT 1")`);
});
afterEach(async () => bench.close());

const flag = async (): Promise<unknown> => bench.rows("SELECT is_locked FROM knex_migrations_lock");
const takeFlag = async (): Promise<unknown> =>
  queryRows(bench.pool, "UPDATE knex_migrations_lock SET is_locked = 1 WHERE is_locked = 0");
/** As a killed run of ours leaves it: its name, and whether Knex's flag was its own. */
async function killed({ hasFlag }: { readonly hasFlag: boolean }): Promise<void> {
  await queryRows(
    bench.pool,
    "INSERT INTO tidegate_bazooka.migrating (run_id, host, pid) VALUES ('killed', 'here', 1)",
  );
  if (!hasFlag) return;
  await takeFlag();
  await queryRows(
    bench.pool,
    "UPDATE tidegate_bazooka.migrating SET knex_flag = (SELECT xmin::text FROM knex_migrations_lock)",
  );
}

describe("the lock of plain knex", () => {
  it("is not freed because a run of ours was killed before it was taken", async () => {
    await killed({ hasFlag: false });
    await takeFlag();
    await expect(migrateToLatest(bench.options("r"))).rejects.toMatchObject({ name: "MigrationsLocked" });
    expect(await flag()).toEqual([{ is_locked: 1 }]);
  });

  it("is not freed after ours was freed by unlock", async () => {
    await killed({ hasFlag: true });
    const { runId } = await bench.bazooka.engine.start("unlock", {}, { by: "tests" });
    expect(await bench.bazooka.engine.wait(runId, { timeoutMs: 20_000 })).toMatchObject({
      result: { wasLocked: true },
    });
    await takeFlag();
    await expect(migrateToLatest(bench.options("r"))).rejects.toMatchObject({ name: "MigrationsLocked" });
    expect(await flag()).toEqual([{ is_locked: 1 }]);
    // Nor is it called ours.
    const { draft } = await bench.bazooka.engine.plan("unlock", {}, { by: "tests" });
    expect(draft.summary).toContain("plain Knex");
  });

  it("is not freed when it was taken after ours was given back", async () => {
    await killed({ hasFlag: true });
    await queryRows(bench.pool, "UPDATE knex_migrations_lock SET is_locked = 0");
    await takeFlag();
    await expect(migrateToLatest(bench.options("r"))).rejects.toMatchObject({ name: "MigrationsLocked" });
  });

  it("keeps us out while it migrates, and is kept out while we do", async () => {
    const plain = knex({
      client: "pg",
      connection: bench.database.url.reveal(),
      migrations: { migrationSource: migrationSource(bench.folder) },
      log: { warn: () => undefined },
    });
    try {
      bench.write("003_slow.js", `await knex.raw("SELECT pg_sleep(1) /* ours */")`, { isBare: true });
      const running = migrateToLatest(bench.options("r"));
      await bench.untilSession("Ours sleeping", (one) => one.state === "active" && one.query.includes("ours"));
      await expect(plain.migrate.latest()).rejects.toMatchObject({ name: "MigrationLocked" });
      expect((await running).names).toEqual(["002_more.js", "003_slow.js"]);
      expect(await plain.migrate.latest()).toEqual([2, []]);
    } finally {
      await plain.destroy();
    }
  });
});

describe("Knex's lock, left by a killed run of ours", () => {
  it("is freed by the next run", async () => {
    await killed({ hasFlag: true });
    expect((await migrateToLatest(bench.options("r"))).names).toEqual(["002_more.js"]);
    expect(await flag()).toEqual([{ is_locked: 0 }]);
  });

  it("is known as ours from the moment it is set", async () => {
    bench.write("003_slow.js", `await knex.raw("SELECT pg_sleep(30)")`, { isBare: true });
    const stopping = new AbortController();
    const running = migrateToLatest(bench.options("r", { signal: stopping.signal }));
    running.catch(() => undefined);
    await bench.untilSession("Ours sleeping", (one) => one.state === "active" && one.query.includes("pg_sleep"));
    expect(
      await bench.rows(
        "SELECT l.is_locked, l.xmin::text = m.knex_flag AS ours FROM knex_migrations_lock l, tidegate_bazooka.migrating m",
      ),
    ).toEqual([{ is_locked: 1, ours: true }]);
    const { draft } = await bench.bazooka.engine.plan("unlock", {}, { by: "tests" });
    expect(draft.summary).toContain("by run r on ");
    stopping.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
    expect(await flag()).toEqual([{ is_locked: 0 }]);
  });
});
