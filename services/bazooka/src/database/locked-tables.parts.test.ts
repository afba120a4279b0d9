// Somebody else holds a lock on a table, or reads it: what waits is given up in time, and changed nothing.
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openMigrations, type MigrationsBench } from "../testing/migrations.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations({ BAZOOKA_LOCK_TIMEOUT_MS: "50" });
  await queryRows(bench.pool, "CREATE TABLE things AS SELECT 1 AS n; CREATE TABLE others AS SELECT 1 AS n");
});
afterEach(async () => bench.close());

it.each([{ clear_db: true }, { reset_db: true }])(
  "%o gives up a lock that stays held, long before the holder lets go, and changed nothing",
  { timeout: 90_000 },
  async (event) => {
    const holder = await bench.pool.connect();
    try {
      await queryRows(holder, "BEGIN");
      await queryRows(holder, "SELECT * FROM things");
      const outcome = await bench.bazooka.run({ ...event, force: true });
      expect(outcome).toMatchObject({ state: "failed", error: { name: "PostgresLockTimeout" } });
      expect(await queryRows(holder, "SELECT n FROM things")).toEqual([{ n: 1 }]);
      expect(await bench.rows("SELECT n FROM others")).toEqual([{ n: 1 }]);
    } finally {
      holder.release(true);
    }
  },
);

it.each([{ clear_db: true }, { reset_db: true }])(
  "%o gets a lock that becomes free between two tries",
  async (event) => {
    const holder = await bench.pool.connect();
    try {
      await queryRows(holder, "BEGIN");
      await queryRows(holder, "SELECT * FROM things");
      const running = bench.bazooka.run({ ...event, force: true });
      const first = await bench.untilSession("Waiting for the table", (one) => one.waitEvent === "relation");
      // The first try was given up: its session waits no more, or for the second time.
      await bench.untilSession(
        "The next try",
        (one) => one.waitEvent !== "relation" || one.pid !== first.pid || one.ageMs < first.ageMs,
      );
      await queryRows(holder, "ROLLBACK");
      expect(await running).toMatchObject({ state: "succeeded" });
    } finally {
      holder.release(true);
    }
  },
);
