// A chain, an honest endpoint of it, and two databases: one that is filled from it, and one to be filled otherwise.
import type { FaultServer } from "@tidegate/chain/testing";
import { seededRandom } from "@tidegate/kernel";
import { createForkChain, type ForkChain } from "./fork-chain.ts";
import { startForkEndpoint } from "./fork-endpoint.ts";
import { indexToHead } from "./index-fork-chain.ts";
import { openMarketDatabase, type MarketDatabase } from "./market-database.ts";

export interface ForkBench {
  readonly chain: ForkChain;
  readonly honest: FaultServer;
  /** Empty. */
  readonly database: MarketDatabase;
  /** What the honest endpoint gave. */
  readonly truth: MarketDatabase;
  readonly close: () => Promise<void>;
}

/** Neither fails nor lies by chance. */
export const calm = { random: seededRandom(1), faultRate: () => 0, lieRate: () => 0 };

export async function openForkBench(seed: number, blocks: number): Promise<ForkBench> {
  const chain = createForkChain(seededRandom(seed));
  chain.mine(blocks);
  const [honest, database, truth] = await Promise.all([
    startForkEndpoint({ chain, ...calm }),
    openMarketDatabase(),
    openMarketDatabase(),
  ]);
  await indexToHead(truth, honest);
  const close = async (): Promise<void> => {
    await Promise.all([honest, database, truth].map(async (one) => one.close()));
  };
  return { chain, honest, database, truth, close };
}
