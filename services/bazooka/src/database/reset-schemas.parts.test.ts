// Extensions come back whatever schemas they and what they need lie in.
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openMigrations, type MigrationsBench } from "../testing/migrations.ts";

let bench: MigrationsBench;
beforeEach(async () => {
  bench = await openMigrations();
});
afterEach(async () => bench.close());

const extensions = async (): Promise<unknown> =>
  bench.rows(
    "SELECT e.extname, n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY 1",
  );

it.each([
  ["in a schema that comes later by name", "aaa", "zzz"],
  ["in a schema that comes earlier by name", "zzz", "aaa"],
  ["in the same schema", "aaa", "aaa"],
])("restores an extension that needs another: that one %s", async (_, dependent, needed) => {
  await queryRows(
    bench.pool,
    `CREATE SCHEMA aaa; CREATE SCHEMA zzz; CREATE EXTENSION cube SCHEMA ${needed}; CREATE EXTENSION earthdistance SCHEMA ${dependent}`,
  );
  const before = await extensions();
  await bench.bazooka.prepare({ reset_db: true, force: true });
  expect(await extensions()).toEqual(before);
});

it("restores an extension in a schema that is spared, when what it needs was dropped", async () => {
  await bench.bazooka.prepare({ reset_db: true, force: true });
  await queryRows(
    bench.pool,
    "CREATE SCHEMA aaa; CREATE EXTENSION cube SCHEMA aaa; CREATE EXTENSION earthdistance SCHEMA tidegate_bazooka",
  );
  const before = await extensions();
  await bench.bazooka.prepare({ reset_db: true, force: true });
  expect(await extensions()).toEqual(before);
});
