// A real chain, the example market's traffic, and the tables: row by row what the traffic's ledger says, however it was indexed.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRpcClient, type RpcClient } from "@tidegate/chain";
import { startTestChain, type TestChain } from "@tidegate/chain/testing";
// The test's input, not something that the service stands on.
// oxlint-disable-next-line eslint/no-restricted-imports
import {
  createTraffic,
  deployMarket,
  expectedRows,
  MARKET_ADDRESS,
  readChainBlocks,
  readLedger,
} from "@tidegate/market-example";
import { queryRows } from "@tidegate/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runIndexer, type IndexerRunConfig } from "./run-indexer.ts";
import { seed } from "./testing/market-arbitraries.ts";
import { openMarketDatabase, sumTables, type MarketDatabase } from "./testing/market-database.ts";
import { runConfig } from "./testing/run-config.ts";

const BLOCKS = 200;

let folder: string;
let chain: TestChain;
let rpc: RpcClient;
let database: MarketDatabase;
let expected: ReturnType<typeof expectedRows>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidegate-market-"));
  [chain, database] = await Promise.all([startTestChain(), openMarketDatabase()]);
  rpc = createRpcClient({ urls: [chain.url] });
  await deployMarket(rpc, { mine: () => chain.mine() });
  const ledgerPath = join(folder, "ledger.jsonl");
  const traffic = await createTraffic({ rpc, seed, ledgerPath, mine: (timestamp) => chain.mine(1, { timestamp }) });
  for (let block = 0; block < BLOCKS; block++) await traffic.step();
  await traffic.close();
  const { actions } = readLedger(ledgerPath);
  expected = expectedRows({ actions }, await readChainBlocks(rpc, 0, chain.head().number));
  await indexInto(database);
}, 120_000);
afterAll(async () => {
  await rpc.close();
  await Promise.all([chain.stop(), database.close()]);
  rmSync(folder, { recursive: true, force: true });
});

async function indexInto(target: MarketDatabase, changes: Partial<IndexerRunConfig> = {}): Promise<void> {
  const endBlock = BigInt(chain.head().number);
  const place = { rpcUrls: [chain.url], marketAddress: MARKET_ADDRESS, database: target.url };
  const config = runConfig({ ...place, startBlock: 1n, endBlock, retries: 0, ...changes });
  await runIndexer(config, { signal: AbortSignal.timeout(60_000) });
}

/** As the ledger has values: bytes as "0x…", amounts as text, numbers as numbers. */
function plain(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]: [string, unknown]) => {
      if (Buffer.isBuffer(value)) return [key, `0x${value.toString("hex")}`];
      return [key, typeof value === "bigint" ? Number(value) : value];
    }),
  );
}

const byKey = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

describe(`${BLOCKS} blocks of example traffic (seed ${seed})`, () => {
  it.each([
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
    "proof_requests",
    "transactions",
  ] as const)("are in %s as the ledger has them", async (table) => {
    const rows = (await queryRows(database.pool, `select * from ${table}`)).map(plain);
    const wanted: readonly object[] = expected[table];
    expect(rows).toHaveLength(wanted.length);
    expect(wanted.length).toBeGreaterThan(0);
    const columns = Object.keys(wanted[0] ?? {});
    const chosen = rows.map((row) => Object.fromEntries(columns.map((column) => [column, row[column]])));
    expect(chosen.toSorted(byKey)).toEqual([...wanted].toSorted(byKey));
  });

  it("have requests in every status", async () => {
    const rows = await queryRows<{ request_status: string }>(
      database.pool,
      "select distinct request_status from request_status order by request_status",
    );
    expect(rows.map((row) => row.request_status)).toEqual(expect.arrayContaining(["expired", "fulfilled", "locked"]));
  });

  it.each<[string, Partial<IndexerRunConfig>]>([
    ["block receipts", { txFetchStrategy: "block-receipts" }],
    ["batches of two blocks", { batchSize: 1 }],
  ])("give the same tables with %s", async (_title, changes) => {
    const other = await openMarketDatabase();
    try {
      await indexInto(other, changes);
      expect(await sumTables(other.pool)).toEqual(await sumTables(database.pool));
    } finally {
      await other.close();
    }
  });
});
