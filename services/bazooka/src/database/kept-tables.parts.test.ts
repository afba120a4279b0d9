// What clear_db is told to keep is kept, or nothing is cleared at all.
import { queryRows, withTransaction } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMigrations, type MigrationsBench } from "../testing/migrations.ts";
import { openBazooka } from "../testing/stores.ts";
import { clearTables } from "./clear-tables.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
  await queryRows(
    bench.pool,
    `CREATE SCHEMA other; CREATE TABLE other.users AS SELECT 1 AS n; CREATE TABLE users AS SELECT 1 AS n;
     CREATE TABLE parent (n int); CREATE TABLE child () INHERITS (parent); INSERT INTO child VALUES (1); INSERT INTO parent VALUES (2);
     CREATE TABLE spread (n int) PARTITION BY RANGE (n); CREATE TABLE spread_1 PARTITION OF spread FOR VALUES FROM (0) TO (10);
     INSERT INTO spread VALUES (1);
     CREATE TABLE referred (id int PRIMARY KEY); INSERT INTO referred VALUES (1);
     CREATE TABLE referring (id int REFERENCES referred); INSERT INTO referring VALUES (1)`,
  );
});
afterEach(async () => bench.close());

const CLEAR = { clear_db: true, force: true };
const TABLES = ["users", "other.users", "parent", "child", "spread", "referred", "referring"];
const filled = async (): Promise<readonly string[]> => {
  const counts = await Promise.all(
    TABLES.map(async (name) => ({ name, n: (await bench.rows(`SELECT FROM ONLY ${name} LIMIT 1`)).length })),
  );
  const spread = (await bench.rows("SELECT FROM spread")).length > 0 ? ["spread"] : [];
  return [...counts.filter((one) => one.n > 0).map((one) => one.name), ...spread];
};
const keeping = (keep: string) => openBazooka({ ...bench.env, BAZOOKA_KEEP_TABLES: keep });

describe("a table that is to be kept", () => {
  it.each([
    ["that is not there", "userz", /there is no table userz.*users/],
    ["beside one that is there", "users,turnkey_user", /there is no table turnkey_user/],
    ["of another schema", "third.users", /there is no table third\.users/],
    ["that is a view", "pg_tables", /there is no table pg_tables/],
    ["that is a partition", "spread_1", /spread_1 is a partition of public\.spread/],
    ["whose parent is emptied", "child", /public\.child inherits from public\.parent/],
    ["whose child is emptied", "parent", /public\.child inherits from public\.parent/],
    ["that refers to one that is emptied", "referring", /public\.referring refers to public\.referred/],
  ])("is refused in the plan and in the step: one %s", async (_, keep, reason) => {
    const before = await filled();
    await expect(keeping(keep).plan(CLEAR)).rejects.toMatchObject({
      code: "bazooka.kept-tables-invalid",
      message: expect.stringMatching(reason) as string,
    });
    const clearing = withTransaction(bench.pool, async (client) => clearTables(client, keep.split(",")));
    await expect(clearing).rejects.toMatchObject({
      code: "bazooka.kept-tables-invalid",
      message: expect.stringMatching(reason) as string,
    });
    expect(await filled()).toEqual(before);
  });

  it("is kept with its family: parent and child, a partitioned table, one that refers and one that is referred to", async () => {
    const some = keeping("other.users,parent,child,spread,referred,referring");
    const { draft } = await some.plan(CLEAR);
    expect(draft.notes).toContain(
      "Kept by configuration: other.users, public.child, public.parent, public.referred, public.referring, public.spread.",
    );
    expect(await some.prepare(CLEAR)).toMatchObject({ clearedTables: 1 });
    expect(await filled()).toEqual(["other.users", "parent", "child", "referred", "referring", "spread"]);
  });

  it("is meant in every schema when no schema is named", async () => {
    await keeping("users").prepare(CLEAR);
    expect(await filled()).toEqual(["users", "other.users"]);
  });

  it("may be one that the same event's migrations bring, and is refused by the step when they do not", async () => {
    bench.write("002_kept.js", `await knex.raw("CREATE TABLE brought AS SELECT 1 AS n")`);
    await keeping("brought").prepare({ migrate: true, ...CLEAR });
    expect(await bench.rows("SELECT n FROM brought")).toEqual([{ n: 1 }]);
    const before = await filled();
    bench.write("003_none.js", `await knex.raw("SELECT 1")`);
    const outcome = await keeping("never_brought").run({ migrate: true, ...CLEAR });
    expect(outcome).toMatchObject({ state: "failed", error: { code: "bazooka.kept-tables-invalid" } });
    expect(await filled()).toEqual(before);
  });

  it("does not matter to an event that clears nothing", async () => {
    expect((await keeping("nowhere").plan({ migrate: true })).draft.steps).toHaveLength(1);
    expect((await keeping("nowhere").plan({ reset_db: true, force: true })).draft.steps).toHaveLength(1);
  });
});
