import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "../testing/create-test-database.ts";
import { createPool, type Pool } from "./create-pool.ts";
import { endSessions } from "./end-sessions.ts";
import { queryRows } from "./query-rows.ts";

let database: TestDatabase;
let pool: Pool;
beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "end-sessions test", max: 4 });
});
afterEach(async () => {
  await pool.end();
  await database.drop();
});

it.each(["through a connection of its own", "through one that is there"])(
  "ends sessions at work and idle ones, waits until they are gone, and minds no stranger: %s",
  async (how) => {
    const busy = await pool.connect();
    const idle = await pool.connect();
    const clients = [busy, idle];
    for (const client of clients) client.on("error", () => undefined);
    const pids: number[] = [];
    for (const client of clients) {
      const rows = await queryRows<{ pid: number }>(client, "SELECT pg_backend_pid() AS pid");
      pids.push(...rows.map((row) => row.pid));
    }
    const failing = expect(queryRows(busy, "SELECT pg_sleep(60)")).rejects.toMatchObject({
      name: "PostgresUnreachable",
    });
    await endSessions(database.url, [...pids, 2_000_000_000], how.includes("own") ? undefined : pool);
    expect(await queryRows(pool, "SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1::int[])", [pids])).toEqual([]);
    await failing;
    for (const client of clients) client.release(true);
    await endSessions(database.url, pids);
  },
);
