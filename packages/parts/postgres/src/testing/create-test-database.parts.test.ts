import { afterAll, expect, test } from "vitest";
import { createPool } from "../connection/create-pool.ts";
import { queryRows } from "../connection/query-rows.ts";
import { createTestDatabase } from "./create-test-database.ts";

const drops: Array<() => Promise<void>> = [];
afterAll(async () => {
  await Promise.all(drops.map((drop) => drop()));
});

test("copies a template that is prepared once, though several ask at the same time", async () => {
  let prepared = 0;
  const template = {
    name: `once_${process.pid}`,
    prepare: async (url: Parameters<typeof serverOf>[0]) => {
      prepared++;
      await serverOf(url, "CREATE TABLE thing (n int8); INSERT INTO thing VALUES (7)");
    },
  };
  const databases = await Promise.all(Array.from({ length: 4 }, () => createTestDatabase({ template })));
  drops.push(...databases.map((one) => one.drop));
  expect(prepared).toBe(1);
  expect(new Set(databases.map((one) => one.name)).size).toBe(4);
  for (const { url } of databases) {
    expect(await serverOf(url, "SELECT n FROM thing")).toEqual([{ n: 7n }]);
  }
});

test("prepares again what a failed preparation left", async () => {
  let attempts = 0;
  const template = {
    name: `again_${process.pid}`,
    prepare: async (url: Parameters<typeof serverOf>[0]) => {
      attempts++;
      await serverOf(url, "CREATE TABLE half (n int)");
      if (attempts === 1) throw new Error("killed half-way");
    },
  };
  await expect(createTestDatabase({ template })).rejects.toThrow("killed half-way");
  const database = await createTestDatabase({ template });
  drops.push(database.drop);
  expect(await serverOf(database.url, "SELECT count(*)::int AS n FROM half")).toEqual([{ n: 0 }]);
});

test("drops a database that somebody is still connected to", async () => {
  const database = await createTestDatabase();
  const lost: string[] = [];
  const pool = createPool({ url: database.url, applicationName: "test", onEvent: (event) => lost.push(event.code) });
  await queryRows(pool, "SELECT 1");
  await database.drop();
  await expect(queryRows(pool, "SELECT 1")).rejects.toMatchObject({ name: "PostgresDatabaseMissing" });
  expect(lost).toEqual(["postgres.idle-connection-lost"]);
  await pool.end();
});

async function serverOf(url: Awaited<ReturnType<typeof createTestDatabase>>["url"], sql: string): Promise<object[]> {
  const pool = createPool({ url, applicationName: "test", max: 1 });
  try {
    return await queryRows(pool, sql);
  } finally {
    await pool.end();
  }
}
