// The settings of a run in tests: the program's defaults, but for a small pool.
import type { IndexerRunConfig } from "../run-indexer.ts";
import { MARKET_ADDRESS } from "./random-history.ts";

type Given = Partial<IndexerRunConfig> & Pick<IndexerRunConfig, "rpcUrls" | "database" | "startBlock">;

export function runConfig(given: Given): IndexerRunConfig {
  return {
    logsRpcUrls: undefined,
    marketAddress: MARKET_ADDRESS,
    chainId: 31_337,
    endBlock: undefined,
    intervalSeconds: 1,
    retries: 10,
    batchSize: 9999,
    blockDelay: 0,
    reorgDepth: 256,
    bloomCheck: "all",
    txFetchStrategy: "tx-by-hash",
    orderStreamUrl: undefined,
    orderStreamApiKey: undefined,
    poolSize: 3,
    ...given,
  };
}
