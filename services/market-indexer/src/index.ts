// The market indexer: its settings, its run, and its read API.
export { indexerSettings, readConfig, type IndexerConfig } from "./config.ts";
export type { IndexerEvent, PipelineEvent, Progress } from "./events.ts";
export { runIndexer, type IndexerDeps, type IndexerRunConfig } from "./run-indexer.ts";
export { migrateMarket } from "./store/migrate-market.ts";
export { createMarketApi, listen, type Listening, type MarketApiDeps, type MarketApiEvent } from "./api/index.ts";
