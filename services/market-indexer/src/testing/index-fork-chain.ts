// Indexing a fork chain into a database, up to its head, with waits that take no time.
import { createInstantClock, type FaultServer } from "@tidegate/chain/testing";
import type { IndexerEvent } from "../events.ts";
import { runIndexer, type IndexerRunConfig } from "../run-indexer.ts";
import { FIRST_BLOCK } from "./fork-chain.ts";
import type { MarketDatabase } from "./market-database.ts";
import { MARKET_ADDRESS } from "./random-history.ts";

export type ForkChainConfig = Partial<IndexerRunConfig> & Pick<IndexerRunConfig, "rpcUrls">;

function forkChainConfig(database: MarketDatabase, changes: ForkChainConfig): IndexerRunConfig {
  return {
    logsRpcUrls: undefined,
    marketAddress: MARKET_ADDRESS,
    database: database.url,
    chainId: 31_337,
    startBlock: FIRST_BLOCK,
    endBlock: undefined,
    intervalSeconds: 1,
    retries: 1_000,
    batchSize: 9999,
    blockDelay: 0,
    reorgDepth: 16,
    bloomCheck: "all",
    txFetchStrategy: "tx-by-hash",
    orderStreamUrl: undefined,
    orderStreamApiKey: undefined,
    poolSize: 3,
    ...changes,
  };
}

/** Until `isOver` says so after one of its events; returns them all. */
export async function indexUntil(
  database: MarketDatabase,
  changes: ForkChainConfig,
  isOver: (event: IndexerEvent) => boolean,
): Promise<IndexerEvent[]> {
  const stopping = new AbortController();
  const limit = AbortSignal.timeout(LIMIT_MS);
  const events: IndexerEvent[] = [];
  await runIndexer(forkChainConfig(database, changes), {
    signal: AbortSignal.any([stopping.signal, limit]),
    clock: createInstantClock(),
    rpc: { clock: createInstantClock(), requestTimeoutMs: 2_000 },
    onEvent: (event) => {
      events.push(event);
      if (isOver(event)) stopping.abort(new Error("it is over"));
    },
  });
  if (limit.aborted)
    throw new Error(
      `It came to no end: ${events
        .slice(-12)
        .map(({ code }) => code)
        .join(", ")}`,
    );
  return events;
}

/** Once: until all that the endpoint has is stored. */
export async function indexToHead(
  database: MarketDatabase,
  endpoint: FaultServer,
  changes: Partial<IndexerRunConfig> = {},
): Promise<IndexerEvent[]> {
  return indexUntil(
    database,
    { rpcUrls: [endpoint.url], ...changes },
    (event) => event.code === "indexer.progress" && event.lagBlocks === 0n,
  );
}

const LIMIT_MS = 180_000;
