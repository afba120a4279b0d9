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
  return sumUp(pool, TABLES);
}

/** The same of what decides what comes next, where the chain was never reorganised. */
export async function sumKept(pool: Pool): Promise<Record<string, TableSum>> {
  return sumUp(pool, {
    unfinalized_blocks: "unfinalized_blocks",
    reorgs: "reorgs",
    market_identity: "market_identity",
  });
}

/** Digests that an event named before their request was shown, and that are not kept; `unshown_digests` may hold more, by its batches. */
export async function countForgotten(pool: Pool): Promise<bigint> {
  const [row] = await queryRows<{ forgotten: bigint }>(
    pool,
    `select count(*) as forgotten
     from (select request_digest from request_fulfilled_events union select request_digest from proof_delivered_events) named
     where not exists (select from proof_requests shown where shown.request_digest = named.request_digest)
       and not exists (select from unshown_digests kept where kept.request_digest = named.request_digest)`,
  );
  return row?.forgotten ?? -1n;
}

async function sumUp(pool: Pool, tables: Readonly<Record<string, string>>): Promise<Record<string, TableSum>> {
  const sums: Record<string, TableSum> = {};
  for (const [name, source] of Object.entries(tables)) {
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
const BESIDE = [
  "unfinalized_blocks",
  "unshown_digests",
  "shadowed_sightings",
  "reorgs",
  "order_stream_state",
  "market_identity",
];
