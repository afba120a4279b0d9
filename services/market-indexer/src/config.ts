// The settings of the market indexer: names, defaults and meanings.
import {
  blockNumber,
  databaseUrl,
  evmAddress,
  httpUrl,
  httpUrls,
  loadSettings,
  secretText,
  setting,
  wholeNumber,
  yesOrNo,
  type Explained,
  type Setting,
  type ValuesOf,
} from "@tidegate/kernel";
import * as z from "zod";

/** How Node is to run the indexer: the young heap that V8 chooses by itself takes a hundred megabytes more, and saves no time. */
export const INDEXER_NODE_FLAGS: readonly string[] = ["--max-semi-space-size=8"];

export const TX_FETCH_STRATEGIES = ["tx-by-hash", "block-receipts"] as const;

/** Whose headers' logs blooms are held against eth_getLogs. */
export const BLOOM_CHECKS = ["all", "window", "off"] as const;

/** A name that the original knows and that a later version will use: accepted, and warned about when given. */
function notYet(use: { flag?: string; env?: readonly string[]; secret?: boolean }, usedBy: string): Setting<unknown> {
  return setting<unknown>({
    schema: use.secret === true ? secretText.optional() : z.string().optional(),
    env: use.env ?? [],
    ...(use.flag === undefined ? {} : { flag: use.flag }),
    ...(use.secret === true ? { secret: true } : {}),
    describe: `Has no effect in this version; ${usedBy} will use it`,
    inert: usedBy,
  });
}

const cycleCounts = "the cycle counts";
const infrastructure = "the AWS infrastructure";

export const indexerSettings = {
  rpcUrls: setting({
    schema: httpUrls,
    env: ["ETH_RPC_URL", "RPC_URL"],
    flag: "rpc-url",
    describe: "JSON-RPC endpoint of the chain; several, comma-separated, are used in this order",
    secret: true,
  }),
  logsRpcUrls: setting({
    schema: httpUrls.optional(),
    env: ["LOGS_ETH_RPC_URL", "LOGS_RPC_URL"],
    flag: "logs-rpc-url",
    describe: "Endpoint for eth_getLogs alone; default the other one",
    secret: true,
  }),
  marketAddress: setting({
    schema: evmAddress,
    env: ["BOUNDLESS_MARKET_ADDRESS", "BOUNDLESS_MARKET_ADDR", "BOUNDLESS_ADDRESS"],
    flag: "boundless-market-address",
    describe: "The market contract",
  }),
  database: setting({
    schema: databaseUrl,
    env: ["DATABASE_URL"],
    flag: "db",
    describe: "PostgreSQL 15 or newer, the writer",
    secret: true,
  }),
  chainId: setting({
    schema: wholeNumber({ min: 1, max: Number.MAX_SAFE_INTEGER }).optional(),
    env: ["CHAIN_ID"],
    flag: "chain-id",
    describe: "Id that the endpoint's chain must have; default not checked",
  }),
  startBlock: setting({
    schema: blockNumber.optional(),
    env: ["START_BLOCK"],
    flag: "start-block",
    describe: "First block to index into an empty database, at most the head; default the head",
  }),
  endBlock: setting({
    schema: blockNumber.optional(),
    env: [],
    flag: "end-block",
    describe: "Index up to this block and exit with 0; default never",
  }),
  intervalSeconds: setting({
    schema: wholeNumber({ min: 1, max: 3600 }).default(3),
    env: [],
    flag: "interval",
    describe: "Seconds between two looks for new blocks, at the head; default 3",
  }),
  retries: setting({
    schema: wholeNumber({ min: 0, max: 1000 }).default(10),
    env: [],
    flag: "retries",
    describe: "Failures in a row, that trying again can help, until it gives up with exit code 75; default 10",
  }),
  batchSize: setting({
    schema: wholeNumber({ min: 0, max: 1_000_000 }).default(9999),
    env: [],
    flag: "batch-size",
    describe: "Blocks of a batch after its first: 9999 makes batches of 10,000 blocks; default 9999",
  }),
  blockDelay: setting({
    schema: wholeNumber({ min: 0, max: 100_000 }).default(0),
    env: ["BLOCK_DELAY"],
    flag: "block-delay",
    describe: "Blocks that it stays behind the head; default 0",
  }),
  reorgDepth: setting({
    schema: wholeNumber({ min: 1, max: 100_000 }).default(256),
    env: ["REORG_DEPTH"],
    flag: "reorg-depth",
    describe: "Blocks before the head that may still be reorganised, and can be undone; default 256",
  }),
  bloomCheck: setting({
    schema: z.enum(BLOOM_CHECKS, { error: `must be ${BLOOM_CHECKS.join(", ")}` }).default("all"),
    env: ["BLOOM_CHECK"],
    flag: "bloom-check",
    describe:
      "Whose headers' logs blooms are held against eth_getLogs: all blocks', those that may be reorganised and those with logs (window), or none (off: a chain without blooms); default all",
  }),
  txFetchStrategy: setting({
    schema: z.enum(TX_FETCH_STRATEGIES, { error: `must be ${TX_FETCH_STRATEGIES.join(" or ")}` }).default("tx-by-hash"),
    env: ["TX_FETCH_STRATEGY"],
    flag: "tx-fetch-strategy",
    describe: "How the senders of transactions are fetched: tx-by-hash or block-receipts; default tx-by-hash",
  }),
  orderStreamUrl: setting({
    schema: httpUrl.optional(),
    env: ["ORDER_STREAM_URL"],
    flag: "order-stream-url",
    describe: "Where off-chain requests are fetched; default not at all",
  }),
  orderStreamApiKey: setting({
    schema: secretText.optional(),
    env: ["ORDER_STREAM_API_KEY"],
    flag: "order-stream-api-key",
    describe: "Sent to the order stream as x-api-key; default none",
    secret: true,
  }),
  logJson: setting({
    schema: yesOrNo.default(true),
    env: ["LOG_JSON"],
    flag: "log-json",
    describe: "JSON log lines; false gives plain text; default true",
  }),
  poolSize: setting({
    schema: wholeNumber({ min: 1, max: 200 }).default(20),
    env: ["DB_POOL_SIZE"],
    flag: "db-pool-size",
    describe: "Database connections at most, besides the one that holds the writer's lock; default 20",
  }),
  healthPort: setting({
    schema: wholeNumber({ min: 1, max: 65_535 }).optional(),
    env: ["MARKET_INDEXER_HEALTH_PORT", "PORT"],
    flag: "health-port",
    describe: "Port on 127.0.0.1 of GET /health and GET /metrics; default none",
  }),

  aggregationInterval: notYet({ flag: "aggregation-interval" }, "the aggregates"),
  epoch0StartTime: notYet({ flag: "epoch0-start-time" }, "the aggregates"),
  cacheUri: notYet({ flag: "cache-uri", env: ["CACHE_URI"] }, "the cache of raw logs"),
  executionInterval: notYet({ flag: "execution-interval" }, cycleCounts),
  bentoApiUrl: notYet({ flag: "bento-api-url", env: ["BENTO_API_URL"] }, cycleCounts),
  bentoApiKey: notYet({ flag: "bento-api-key", env: ["BENTO_API_KEY"], secret: true }, cycleCounts),
  bentoRetryCount: notYet({ flag: "bento-retry-count" }, cycleCounts),
  bentoRetrySleepMs: notYet({ flag: "bento-retry-sleep-ms" }, cycleCounts),
  maxConcurrentExecuting: notYet({ flag: "max-concurrent-executing" }, cycleCounts),
  maxStatusQueries: notYet({ flag: "max-status-queries" }, cycleCounts),
  maxRetries: notYet({ flag: "max-retries" }, cycleCounts),
  retryBaseDelaySecs: notYet({ flag: "retry-base-delay-secs" }, cycleCounts),
  retryMaxDelaySecs: notYet({ flag: "retry-max-delay-secs" }, cycleCounts),
  rdsPassword: notYet({ env: ["RDS_PASSWORD"], secret: true }, infrastructure),
  proxySecret: notYet({ env: ["PROXY_SECRET"], secret: true }, infrastructure),
  devName: notYet({ env: ["DEV_NAME"] }, infrastructure),
  dockerRemoteBuilder: notYet({ env: ["DOCKER_REMOTE_BUILDER"] }, infrastructure),
  vezkcAddress: notYet({ env: ["VEZKC_ADDRESS"] }, "the rewards indexer"),
  zkcAddress: notYet({ env: ["ZKC_ADDRESS"] }, "the rewards indexer"),
  povwAccountingAddress: notYet({ env: ["POVW_ACCOUNTING_ADDRESS"] }, "the rewards indexer"),
} as const;

export type IndexerConfig = ValuesOf<typeof indexerSettings>;

export interface LoadedConfig {
  readonly config: IndexerConfig;
  /** Given, but without effect in this version. */
  readonly inertGiven: readonly Explained[];
}

/** Reads flags and environment; throws ConfigInvalid with every problem at once. */
export function readConfig(input: {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}): LoadedConfig {
  const { values, inertGiven } = loadSettings(indexerSettings, input);
  return { config: values, inertGiven };
}
