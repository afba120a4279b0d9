// What the plan says of the database, and what a start must name.
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMigrations, type MigrationsBench } from "../../testing/migrations.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
  await bench.bazooka.prepare({ migrate: true });
  await queryRows(bench.pool, "INSERT INTO things SELECT generate_series(1, 250)");
  await queryRows(bench.pool, "ANALYZE");
});
afterEach(async () => bench.close());

const ROLLBACK = { rollback: true, force: true };

describe("the plan of a rollback", () => {
  it("shows the tables with their estimates, and who is connected", async () => {
    const { draft } = await bench.bazooka.plan(ROLLBACK);
    const notes = draft.notes?.join("\n") ?? "";
    expect(notes).toMatch(/Rows, estimated: things ~250/);
    expect(notes).toContain("What a rollback drops is in the down of its migrations");
    expect(notes).toContain("Connected now, and not stopped by this: ground truth (");
  });
});

describe("the plan of a migration", () => {
  it("says who holds the lock of the migrations, of ours and of plain Knex's", async () => {
    bench.write("002_more.js", `await knex.raw("SELECT 1")`);
    const notes = async (): Promise<string> =>
      (await bench.bazooka.plan({ migrate: true })).draft.notes?.join("\n") ?? "";
    expect(await notes()).not.toContain("lock");
    await queryRows(bench.pool, "UPDATE knex_migrations_lock SET is_locked = 1");
    expect(await notes()).toContain("The migrations are locked: by a program that leaves no name or time (plain Knex)");
    await queryRows(bench.pool, "UPDATE knex_migrations_lock SET is_locked = 0");
    const holder = await bench.pool.connect();
    try {
      await queryRows(holder, "SELECT pg_advisory_lock(hashtextextended('tidegate_bazooka.database', 0))");
      await queryRows(
        bench.pool,
        "INSERT INTO tidegate_bazooka.migrating (run_id, host, pid) VALUES ('run-7', 'machine-3', 42)",
      );
      expect(await notes()).toMatch(
        /Somebody works on this database now: by run run-7 on machine-3 \(pid 42\), since 20/,
      );
    } finally {
      holder.release(true);
    }
  });
});

describe("what destroys", () => {
  it("is not started unless its target is named", async () => {
    const { draft } = await bench.bazooka.plan(ROLLBACK);
    expect(draft.target).toMatch(/^database 127\.0\.0\.1:\d+\/tidegate_test_/);
    const start = async (confirm?: string): Promise<unknown> =>
      bench.bazooka.engine.start("prepare", ROLLBACK, { by: "tests", ...(confirm === undefined ? {} : { confirm }) });
    await expect(start()).rejects.toMatchObject({ name: "ConfirmationMissing" });
    await expect(start("database localhost:5432/other")).rejects.toMatchObject({ name: "ConfirmationMissing" });
    expect(await bench.recorded()).toEqual(["001_things.js"]);
    await start(draft.target);
  });
});
