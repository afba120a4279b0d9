// One run of the indexer, and one of the probe, over a stretch of the history: from the start of the process to its last row visible.
import { waitUntil } from "@tidegate/kernel";
import type { KeptChain } from "../index-chain/ensure-chain.ts";
import { visibleBlock, type MarketDatabase } from "../index-chain/runs/market-database.ts";
import { startIndexer } from "../index-chain/runs/start-indexer.ts";
import { startProbe } from "../index-chain/runs/start-probe.ts";
import type { ProcessCost } from "../index-chain/runs/watch-process.ts";

export interface SyncRun extends ProcessCost {
  readonly ms: number;
}

interface SyncInput {
  readonly chain: KeptChain;
  readonly rpcUrl: string;
  readonly database: MarketDatabase;
  readonly lastBlock: number;
}

const LIMIT_MS = 600_000;
const LOOK_EVERY_MS = 10;

export async function syncByIndexer(input: SyncInput & { readonly flags: readonly string[] }): Promise<SyncRun> {
  const { chain, lastBlock, database } = input;
  const { market, firstBlock } = chain.facts;
  const begun = performance.now();
  const indexer = startIndexer({ ...input, market, startBlock: firstBlock, endBlock: lastBlock });
  try {
    const visible = untilVisible(database, lastBlock);
    visible.catch(() => undefined);
    // A failure of the indexer ends the wait.
    await Promise.race([visible, indexer.ended.then(() => visible)]);
    const ms = performance.now() - begun;
    return { ms, ...(await indexer.ended) };
  } catch (error) {
    await indexer.stop().catch(() => undefined);
    throw error;
  }
}

export async function syncByProbe(input: SyncInput): Promise<SyncRun> {
  const { chain, lastBlock, database } = input;
  const begun = performance.now();
  const probe = startProbe(input);
  const copied = probe.copy({ from: chain.facts.firstBlock, to: lastBlock });
  copied.catch(() => undefined);
  try {
    const visible = untilVisible(database, lastBlock);
    visible.catch(() => undefined);
    await Promise.race([visible, copied.then(() => visible)]);
    const ms = performance.now() - begun;
    await copied;
    return { ms, ...(await probe.stop()) };
  } catch (error) {
    await probe.stop().catch(() => undefined);
    throw error;
  }
}

async function untilVisible({ pool }: MarketDatabase, block: number): Promise<void> {
  await waitUntil(async () => ((await visibleBlock(pool)) >= block ? true : undefined), {
    what: `Block ${block} visible`,
    limitMs: LIMIT_MS,
    everyMs: LOOK_EVERY_MS,
    remedy: "See the program's last lines above.",
  });
}
