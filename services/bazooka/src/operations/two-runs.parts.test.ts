// Two preparations of one database at once, in one installation and in two that know nothing of each other.
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMigrations, type MigrationsBench } from "../testing/migrations.ts";
import { openBazooka, type Bazooka } from "../testing/stores.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
  await queryRows(bench.pool, "CREATE TABLE filled AS SELECT 1 AS n");
});
afterEach(async () => bench.close());

const isAsleep = (one: { readonly state: string; readonly query: string }): boolean =>
  one.state === "active" && one.query.includes("pg_sleep");

async function start(bazooka: Bazooka, event: object): Promise<string> {
  const { draft } = await bazooka.plan(event);
  const { runId } = await bazooka.engine.start("prepare", event, { by: "tests", confirm: draft.target });
  return runId;
}

const DESTROYING = [{ clear_db: true }, { reset_db: true }, { rollback: true }, { migrate: true }];

describe("two runs of one installation", () => {
  it.each(DESTROYING)(
    "do not meet: %o is refused while another migrates, and begins when that has ended",
    async (event) => {
      await bench.bazooka.prepare({ migrate: true });
      bench.write(
        "002_slow.js",
        `await knex.raw("SELECT pg_sleep(0.7)"); await knex.raw("INSERT INTO filled VALUES (2)")`,
      );
      const first = await start(bench.bazooka, { migrate: true });
      await bench.untilSession("The first migrating", isAsleep);
      await expect(start(bench.bazooka, { ...event, force: true })).rejects.toMatchObject({ name: "LockHeld" });
      expect(await bench.bazooka.engine.wait(first, { timeoutMs: 20_000 })).toMatchObject({ state: "succeeded" });
      const second = await start(bench.bazooka, { ...event, force: true });
      expect(await bench.bazooka.engine.wait(second, { timeoutMs: 20_000 })).toMatchObject({ state: "succeeded" });
    },
  );
});

describe("two runs of two installations on one database", () => {
  it.each(DESTROYING)("do not meet: %o begins when the other has migrated", async (event) => {
    const other = openBazooka({ ...bench.env, KAFKA_BROKER_URLS: "127.0.0.1:1" });
    await bench.bazooka.prepare({ migrate: true });
    bench.write(
      "002_slow.js",
      `await knex.raw("SELECT pg_sleep(0.7)"); await knex.raw("INSERT INTO filled VALUES (2)")`,
    );
    const second = await other.plan({ ...event, force: true });
    const first = await start(bench.bazooka, { migrate: true });
    await bench.untilSession("The first migrating", isAsleep);
    const { runId } = await other.engine.start("prepare", second.input, { by: "tests", confirm: second.draft.target });
    const [one, two] = await Promise.all([
      bench.bazooka.engine.wait(first, { timeoutMs: 20_000 }),
      other.engine.wait(runId, { timeoutMs: 20_000 }),
    ]);
    expect(one).toMatchObject({ state: "succeeded", result: { migrated: ["002_slow.js"] } });
    // A batch on top of the one that was to be taken back is no reason to take that back.
    if ("rollback" in event) expect(two).toMatchObject({ error: { code: "bazooka.batch-not-last" } });
    else expect(two).toMatchObject({ state: "succeeded" });
    const filled = await bench.isThere("filled");
    expect(filled).toBe(!("reset_db" in event));
    // What the migration filled in was cleared, as the clearing came after it.
    if ("clear_db" in event) expect(await bench.rows("SELECT n FROM filled")).toEqual([]);
  });

  it("tell whoever waits in vain who works there", async () => {
    const holder = await bench.pool.connect();
    try {
      await bench.bazooka.prepare({ migrate: true });
      await queryRows(holder, "SELECT pg_advisory_lock(hashtextextended('tidegate_bazooka.database', 0))");
      await queryRows(
        bench.pool,
        "INSERT INTO tidegate_bazooka.migrating (run_id, host, pid) VALUES ('run-7', 'machine-3', 42)",
      );
      const { draft } = await bench.bazooka.plan({ clear_db: true, force: true });
      expect(draft.notes?.join("\n")).toMatch(/Somebody works on this database now: by run run-7 on machine-3/);
    } finally {
      holder.release(true);
    }
  });
});
