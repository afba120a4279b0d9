// A rollback takes back the batch that was planned, and never another one, however late it comes.
import { afterEach, beforeEach, expect, it } from "vitest";
import { openMigrations, type MigrationsBench } from "../testing/migrations.ts";
import type { MigrationBatch } from "../types.ts";
import { migrateToLatest, rollBackBatch } from "./run-migrations.ts";
import { readMigrations } from "./read-migrations.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
  bench.write("002_more.js", `await knex.raw("CREATE TABLE more (n int)")`, {
    down: `await knex.raw("DROP TABLE more")`,
  });
});
afterEach(async () => bench.close());

const lastBatch = async (): Promise<MigrationBatch> => {
  const { lastBatch: batch } = await readMigrations(bench.pool, bench.folder);
  if (batch === null) throw new Error("nothing was migrated");
  return batch;
};

it("that comes again after the batch was taken back and migrated anew leaves the new one alone", async () => {
  await migrateToLatest(bench.options("m1"));
  const planned = await lastBatch();
  expect((await rollBackBatch(bench.options("r1"), planned)).names).toEqual(["002_more.js", "001_things.js"]);
  await migrateToLatest(bench.options("m2"));
  expect((await lastBatch()).batch).toBe(planned.batch);
  // The same step again, by an executor that woke late; and a step of another run with the same plan.
  expect((await rollBackBatch(bench.options("r1"), planned)).names).toEqual(["002_more.js", "001_things.js"]);
  expect((await rollBackBatch(bench.options("r2"), planned)).names).toEqual(["002_more.js", "001_things.js"]);
  expect(await bench.recorded()).toEqual(["001_things.js", "002_more.js"]);
  expect(await bench.isThere("more")).toBe(true);
});

it("that was killed in the middle takes back what is left, and names all of it", async () => {
  await migrateToLatest(bench.options("m1"));
  const planned = await lastBatch();
  // As it is left: the last one is undone, the first not.
  await bench.rows("DROP TABLE more");
  await bench.rows("DELETE FROM knex_migrations WHERE name = '002_more.js'");
  expect((await rollBackBatch(bench.options("r1"), planned)).names).toEqual(["002_more.js", "001_things.js"]);
  expect(await bench.recorded()).toEqual([]);
});

it("is refused when others were migrated on top of it", async () => {
  await migrateToLatest(bench.options("m1"));
  const planned = await lastBatch();
  bench.write("003_top.js", `await knex.raw("SELECT 1")`);
  await migrateToLatest(bench.options("m2"));
  await expect(rollBackBatch(bench.options("r1"), planned)).rejects.toMatchObject({
    code: "bazooka.batch-not-last",
    message: expect.stringContaining("003_top.js") as string,
  });
  expect(await bench.recorded()).toEqual(["001_things.js", "002_more.js", "003_top.js"]);
});
