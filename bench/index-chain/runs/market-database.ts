// A database with the market's tables, empty, on the bench's server.
import type { Secret } from "@tidegate/kernel";
import { migrateMarket } from "@tidegate/market-indexer";
import { createPool, queryRows, type Pool } from "@tidegate/postgres";
import { createTestDatabase, RUN_VARIABLE, startTestServer, URL_VARIABLE } from "@tidegate/postgres/testing";

export interface MarketDatabase {
  readonly url: Secret;
  readonly pool: Pool;
  close(): Promise<void>;
}

/** Runs `work` with a server of its own (embedded, fsync off) in a temporary folder. */
export async function withServer<T>(work: () => Promise<T>): Promise<T> {
  const server = await startTestServer();
  process.env[URL_VARIABLE] = server.url.reveal();
  process.env[RUN_VARIABLE] = "bench";
  try {
    return await work();
  } finally {
    await server.stop();
  }
}

export async function openMarketDatabase(): Promise<MarketDatabase> {
  return open(await createTestDatabase({ template: { name: "market", prepare: migrateTemplate } }));
}

/** Without a table. */
export async function openEmptyDatabase(): Promise<MarketDatabase> {
  return open(await createTestDatabase());
}

function open({ url, drop }: { readonly url: Secret; readonly drop: () => Promise<void> }): MarketDatabase {
  const pool = createPool({ url, applicationName: "bench", max: 2, statementTimeoutMs: 0 });
  return {
    url,
    pool,
    close: async () => {
      await pool.end();
      await drop();
    },
  };
}

async function migrateTemplate(url: Secret): Promise<void> {
  const pool = createPool({ url, applicationName: "bench", max: 1 });
  try {
    await migrateMarket(pool);
  } finally {
    await pool.end();
  }
}

/** The number of the last block whose rows can be seen. */
export async function visibleBlock(pool: Pool): Promise<number> {
  const [row] = await queryRows<{ block: bigint }>(pool, "select block from last_block where id = 0");
  return row === undefined ? -1 : Number(row.block);
}
