// SIGKILLs at random moments of a sync: of the indexer, from another process; in the end every table is as if nothing had been.
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "@tidegate/kernel";
import {
  countForgotten,
  createForkChain,
  FIRST_BLOCK,
  MARKET_ADDRESS,
  openMarketDatabase,
  startForkEndpoint,
  startIndexerProcess,
  sumKept,
  sumTables,
  type IndexerProcess,
  type MarketDatabase,
} from "@tidegate/market-indexer/testing";
import { queryRows } from "@tidegate/postgres";
import { expect } from "vitest";

export interface IndexerKillRounds {
  readonly kills: number;
  readonly seed: number;
}

/** Blocks for each kill: so many that the sync is not over before the last one. */
const BLOCKS_PER_KILL = 200;

/** Returns the last stored block at each kill; 0 while there was none. */
export async function indexerKillRounds({ kills, seed }: IndexerKillRounds): Promise<readonly number[]> {
  const random = seededRandom(seed);
  const chain = createForkChain(random);
  chain.mine(BLOCKS_PER_KILL * kills);
  let onRequest = (): void => undefined;
  const calm = { faultRate: () => 0, lieRate: () => 0 };
  const endpoint = await startForkEndpoint({ chain, random, ...calm, onRequest: () => onRequest() });
  const [disturbed, quiet] = await Promise.all([openMarketDatabase(), openMarketDatabase()]);
  const start = (database: MarketDatabase, batchSize: number): IndexerProcess =>
    startIndexerProcess(
      [
        "--start-block",
        String(FIRST_BLOCK),
        "--end-block",
        String(chain.head.number),
        "--batch-size",
        String(batchSize),
      ],
      {
        ETH_RPC_URL: endpoint.url,
        BOUNDLESS_MARKET_ADDRESS: MARKET_ADDRESS,
        DATABASE_URL: database.url.reveal(),
        CHAIN_ID: "31337",
      },
    );
  try {
    const reached: number[] = [];
    for (let kill = 0; kill < kills; kill++) {
      // Small batches, or some whose rows are worth a COPY; the latter need fewer requests.
      const isLarge = random.next() < 0.4;
      await using victim = start(disturbed, isLarge ? 60 : 2);
      // After so many requests, and a moment later: within fetching, storing or committing, however fast the machine is.
      let requests = random.integer(1, isLarge ? 12 : 120);
      await new Promise<void>((resolve) => (onRequest = () => void (--requests === 0 && resolve())));
      await sleep(random.integer(0, 30));
      victim.child.kill("SIGKILL");
      expect(await victim.ended, "it had come to its end before it was killed").toBe(null);
      reached.push(await lastBlock(disturbed));
    }
    await using last = start(disturbed, 100);
    expect(await last.ended).toBe(0);
    await using undisturbed = start(quiet, 9999);
    expect(await undisturbed.ended).toBe(0);
    const sums = await sumTables(disturbed.pool);
    expect(sums).toEqual(await sumTables(quiet.pool));
    expect(await sumKept(disturbed.pool)).toEqual(await sumKept(quiet.pool));
    expect(await countForgotten(disturbed.pool)).toBe(0n);
    const hashes = new Set(chain.blocks.flatMap(({ logs }) => logs.map((log) => log.transactionHash)));
    expect(sums["transactions"]?.rows).toBe(BigInt(hashes.size));
    return reached;
  } finally {
    await Promise.all([endpoint.close(), disturbed.close(), quiet.close()]);
  }
}

async function lastBlock({ pool }: MarketDatabase): Promise<number> {
  const [row] = await queryRows<{ block: bigint }>(pool, "select block from last_block");
  return Number(row?.block ?? 0n);
}
