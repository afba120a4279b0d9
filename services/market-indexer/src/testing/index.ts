// What tests of whole systems need of the indexer.
export { createForkChain, FIRST_BLOCK, type ForkChain } from "./fork-chain.ts";
export { startForkEndpoint } from "./fork-endpoint.ts";
export { startIndexerProcess, type IndexerProcess } from "./indexer-process.ts";
export { openMarketDatabase, countForgotten, sumKept, sumTables, type MarketDatabase } from "./market-database.ts";
export { MARKET_ADDRESS } from "./random-history.ts";
