// A database with the market's tables, for one test.
import { createPool, queryRows, type Pool } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import type { Secret } from "@tidegate/kernel";
import { migrateMarket } from "../store/migrate-market.ts";

export interface MarketDatabase {
  readonly url: Secret;
  readonly pool: Pool;
  close(): Promise<void>;
}

export async function openMarketDatabase(): Promise<MarketDatabase> {
  const { url, drop } = await createTestDatabase({ template: { name: "market", prepare: migrateTemplate } });
  const pool = createPool({ url, applicationName: "market-indexer test" });
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
  const pool = createPool({ url, applicationName: "market-indexer template" });
  try {
    await migrateMarket(pool);
  } finally {
    await pool.end();
  }
}

/** Everything that the chain decides, by table. Blocks that merely ended a batch depend on the batches and are left out. */
const TABLES: Readonly<Record<string, string>> = {
  blocks: "blocks where block_number in (select block_number from transactions)",
  ...Object.fromEntries(
    [
      "last_block",
      "transactions",
      "proof_requests",
      "request_submitted_events",
      "request_locked_events",
      "request_fulfilled_events",
      "proof_delivered_events",
      "proofs",
      "callback_failed_events",
      "prover_slashed_events",
      "deposit_events",
      "withdrawal_events",
      "collateral_deposit_events",
      "collateral_withdrawal_events",
      "request_status",
    ].map((name) => [name, name]),
  ),
  coverage: "coverage",
  dead_letters:
    "(select block_number, log_index, block_timestamp, tx_hash, topics, data, event, reason from dead_letters) letters",
};

export interface TableSum {
  readonly rows: bigint;
  readonly md5: string;
}

/** Number of rows and an md5 over all of them, by table. */
export async function sumTables(pool: Pool): Promise<Record<string, TableSum>> {
  const sums: Record<string, TableSum> = {};
  for (const [name, source] of Object.entries(TABLES)) {
    const [sum] = await queryRows<TableSum>(
      pool,
      `select count(*) as rows, md5(coalesce(string_agg(line, ';' order by line), '')) as md5
       from (select t::text as line from (select * from ${source}) t) lines`,
    );
    if (sum !== undefined) sums[name] = sum;
  }
  return sums;
}

/** DELETE, because TRUNCATE makes new files: far slower for a handful of rows. */
export async function emptyTables(pool: Pool): Promise<void> {
  await queryRows(pool, [...Object.keys(TABLES), ...BESIDE].map((name) => `delete from ${name}`).join("; "));
}

/** Tables that follow from when and how something was stored, not from the chain alone. */
const BESIDE = ["unfinalized_blocks", "shadowed_sightings", "reorgs", "order_stream_state", "market_identity"];
