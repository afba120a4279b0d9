// A database with the indexer's tables for the API's tests, filled by plain SQL: no code of the indexer is involved.
import { readdir, readFile } from "node:fs/promises";
import type { Secret } from "@tidegate/kernel";
import { createPool, queryRows, type Queryable } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";

const MIGRATIONS = new URL("../../store/migrations/", import.meta.url);

/** A database with all tables and no row. */
export async function createMarketDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ template: { name: "market_api", prepare: createTables } });
}

/** What the indexer's migrations make. */
export async function createTables(url: Secret): Promise<void> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).sort();
  const pool = createPool({ url, applicationName: "market-api tests", max: 1 });
  try {
    for (const name of names) await pool.query(await readFile(new URL(name, MIGRATIONS), "utf8"));
  } finally {
    await pool.end();
  }
}

export type FixtureRow = Readonly<Record<string, string | number | null>>;

/** Inserts rows given as JSON: bytea as `\x…`, amounts as text; columns left out are null or their default is not used. */
export async function insertRows(pool: Queryable, table: string, rows: readonly FixtureRow[]): Promise<void> {
  const insert = `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`;
  await queryRows(pool, insert, [JSON.stringify(rows)]);
}

/** Marks the chain and the last block, as the indexer's batches do. */
export async function setProgress(
  pool: Queryable,
  progress: { readonly chainId: number; readonly block: number; readonly timestamp: number },
): Promise<void> {
  const identity = { only_row: "true", chain_id: progress.chainId, market_address: `\\x${"11".repeat(20)}` };
  await insertRows(pool, "market_identity", [identity]);
  await insertRows(pool, "last_block", [{ id: 0, block: progress.block, block_timestamp: progress.timestamp }]);
}
