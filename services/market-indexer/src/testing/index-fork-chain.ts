// Indexing a fork chain into a database, up to its head, with waits that take no time.
import { createInstantClock, type FaultServer } from "@tidegate/chain/testing";
import type { IndexerEvent } from "../events.ts";
import { runIndexer, type IndexerDeps, type IndexerRunConfig } from "../run-indexer.ts";
import { FIRST_BLOCK } from "./fork-chain.ts";
import type { MarketDatabase } from "./market-database.ts";
import { runConfig } from "./run-config.ts";

export type ForkChainConfig = Partial<IndexerRunConfig> &
  Pick<IndexerRunConfig, "rpcUrls"> &
  Pick<IndexerDeps, "enoughLogs">;

/** Until `isOver` says so after one of its events; returns them all. */
export async function indexUntil(
  database: MarketDatabase,
  { enoughLogs, ...changes }: ForkChainConfig,
  isOver: (event: IndexerEvent) => boolean,
): Promise<IndexerEvent[]> {
  const stopping = new AbortController();
  const limit = AbortSignal.timeout(LIMIT_MS);
  const events: IndexerEvent[] = [];
  const { url } = database;
  const config = runConfig({ database: url, startBlock: FIRST_BLOCK, retries: 1_000, reorgDepth: 16, ...changes });
  await runIndexer(config, {
    signal: AbortSignal.any([stopping.signal, limit]),
    ...(enoughLogs === undefined ? {} : { enoughLogs }),
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
  changes: Partial<ForkChainConfig> = {},
): Promise<IndexerEvent[]> {
  return indexUntil(
    database,
    { rpcUrls: [endpoint.url], ...changes },
    (event) => event.code === "indexer.progress" && event.lagBlocks === 0n,
  );
}

const LIMIT_MS = 180_000;
