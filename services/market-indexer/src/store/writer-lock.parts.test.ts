// One writer for a database: the second is told who the first is; a lost lock is taken again.
import { queryRows } from "@tidegate/postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openMarketDatabase, type MarketDatabase } from "../testing/market-database.ts";
import { createWriterLock } from "./writer-lock.ts";

let database: MarketDatabase;
beforeAll(async () => {
  database = await openMarketDatabase();
});
afterAll(async () => database.close());

it("is held by one; the other is told by whom, and gets it when that one is gone", async () => {
  const first = createWriterLock({ url: database.url });
  const second = createWriterLock({ url: database.url, waitMs: 300 });
  try {
    await first.ensureHeld();
    await first.ensureHeld();
    const refusal: unknown = await second.ensureHeld().catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      name: "IndexerAlreadyRunning",
      exit: 75,
      message: expect.stringMatching(/"market-indexer \d+ writer lock" \(backend \d+, connected since 20/),
    });
    await first.release();
    await second.ensureHeld();
  } finally {
    await second.release();
  }
});

it("is taken again after its connection was ended", async () => {
  const lock = createWriterLock({ url: database.url });
  const held =
    "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())";
  try {
    await lock.ensureHeld();
    const [before] = await queryRows<{ pid: number }>(database.pool, held);
    await queryRows(database.pool, "select pg_terminate_backend($1, 5000)", [before?.pid]);
    await expect
      .poll(async () => {
        await lock.ensureHeld();
        const [after] = await queryRows<{ pid: number }>(database.pool, held);
        return after !== undefined && after.pid !== before?.pid;
      })
      .toBe(true);
  } finally {
    await lock.release();
  }
});
