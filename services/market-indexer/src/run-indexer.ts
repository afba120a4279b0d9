// The indexer as a whole: builds the clients, checks what must be so before anything is stored, runs the pipeline, closes all.
import {
  createRpcClient,
  getChainId,
  getCode,
  WrongChainId,
  type RpcClient,
  type RpcClientOptions,
} from "@tidegate/chain";
import { systemClock, type Clock } from "@tidegate/kernel";
import { checkServer, createPool, type Pool } from "@tidegate/postgres";
import type { IndexerConfig } from "./config.ts";
import { ENOUGH_LOGS, SERVICE_NAME } from "./constants.ts";
import { createLogDecoder } from "./decode/decode-log.ts";
import { createRequestDigest } from "./decode/request-digest.ts";
import { MarketNotFound } from "./errors.ts";
import type { IndexerEvent } from "./events.ts";
import { createBloomJudge } from "./fetch/bloom-suspicion.ts";
import { createOrderStream } from "./fetch/order-stream.ts";
import { runPipeline } from "./pipeline.ts";
import { ensureMarketIdentity } from "./store/market-identity.ts";
import { migrateMarket } from "./store/migrate-market.ts";
import { readLastBlock } from "./store/progress.ts";
import { createBatchStore } from "./store/store-batch.ts";
import { createWriterLock, type WriterLock } from "./store/writer-lock.ts";

export interface IndexerDeps {
  /** Aborted to stop. */
  readonly signal: AbortSignal;
  readonly onEvent?: (event: IndexerEvent) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Limits and clock of the JSON-RPC clients, where they are to differ from theirs. */
  readonly rpc?: Pick<RpcClientOptions, "requestTimeoutMs" | "clock">;
  /** Logs that end a batch, where they are to be other than ENOUGH_LOGS. */
  readonly enoughLogs?: number;
}

/** The settings that the work itself needs; those of logs and health are the program's. */
export type IndexerRunConfig = Pick<
  IndexerConfig,
  | "rpcUrls"
  | "logsRpcUrls"
  | "marketAddress"
  | "database"
  | "chainId"
  | "startBlock"
  | "endBlock"
  | "intervalSeconds"
  | "retries"
  | "batchSize"
  | "blockDelay"
  | "reorgDepth"
  | "bloomCheck"
  | "txFetchStrategy"
  | "orderStreamUrl"
  | "orderStreamApiKey"
  | "poolSize"
>;

interface Opened {
  readonly client: RpcClient;
  readonly logsClient: RpcClient;
  readonly pool: Pool;
  readonly lock: WriterLock;
}

/** A batch of 10,000 full blocks may take a while; a statement that takes longer than this is stuck. */
const STATEMENT_TIMEOUT_MS = 600_000;

/**
 * Resolves when stopped by the signal, or when --end-block is stored.
 *
 * What is wrong at the start (endpoint, chain id, market, database, another indexer) is thrown at once, with its own exit code;
 * what goes wrong later is tried again.
 */
export async function runIndexer(config: IndexerRunConfig, deps: IndexerDeps): Promise<void> {
  const onEvent = deps.onEvent ?? (() => undefined);
  const opened = open(config, { ...deps.rpc, onEvent });
  try {
    await run(config, { ...deps, onEvent }, opened);
  } catch (error) {
    if (!deps.signal.aborted) throw error;
  } finally {
    await Promise.all([
      opened.client.close(),
      opened.logsClient === opened.client ? undefined : opened.logsClient.close(),
      opened.lock.release(),
      opened.pool.end(),
    ]);
  }
}

function open(
  config: IndexerRunConfig,
  shared: IndexerDeps["rpc"] & { readonly onEvent: (event: IndexerEvent) => void },
): Opened {
  const { onEvent } = shared;
  const client = createRpcClient({ ...shared, urls: config.rpcUrls });
  return {
    client,
    logsClient: config.logsRpcUrls === undefined ? client : createRpcClient({ ...shared, urls: config.logsRpcUrls }),
    pool: createPool({
      url: config.database,
      max: config.poolSize,
      applicationName: `${SERVICE_NAME} ${process.pid}`,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      onEvent,
    }),
    lock: createWriterLock({ url: config.database }),
  };
}

async function run(
  config: IndexerRunConfig,
  deps: IndexerDeps & { readonly onEvent: (event: IndexerEvent) => void },
  { client, logsClient, pool, lock }: Opened,
): Promise<void> {
  const { signal, onEvent } = deps;
  const clock = deps.clock ?? systemClock;
  const { marketAddress } = config;
  await checkServer(pool);
  const chainId = await checkMarket(config, [client, logsClient], signal);
  for (const one of new Set([client, logsClient])) one.requireChain(chainId);
  await lock.ensureHeld(signal);
  await migrateMarket(pool, onEvent);
  await ensureMarketIdentity(pool, { chainId, address: marketAddress });
  onEvent({ code: "indexer.started", chainId, indexedBlock: (await readLastBlock(pool))?.number });

  const digestOf = createRequestDigest({ chainId, marketAddress });
  const { orderStreamUrl: url, orderStreamApiKey: apiKey } = config;
  await runPipeline(
    {
      chain: {
        client,
        logsClient,
        marketAddress,
        strategy: config.txFetchStrategy,
        bloomCheck: config.bloomCheck,
        judgeBloom: createBloomJudge(marketAddress),
        enoughLogs: deps.enoughLogs ?? ENOUGH_LOGS,
        clock,
      },
      pool,
      lock,
      decodeLog: createLogDecoder({ digestOf }),
      store: createBatchStore({ pool }),
      fetchOrders: url === undefined ? undefined : createOrderStream({ url, apiKey, digestOf, onEvent, clock }),
      clock,
      random: deps.random ?? Math.random,
      signal,
      onEvent,
    },
    { ...config, intervalMs: config.intervalSeconds * 1000 },
  );
}

/** Both endpoints must serve one chain, the expected one, with a contract at the market's address; returns the chain's id. */
async function checkMarket(
  config: IndexerRunConfig,
  [client, logsClient]: readonly [RpcClient, RpcClient],
  signal: AbortSignal,
): Promise<bigint> {
  const chainId = await getChainId({ client, signal });
  const expected = config.chainId === undefined ? chainId : BigInt(config.chainId);
  const logsChainId = logsClient === client ? chainId : await getChainId({ client: logsClient, signal });
  for (const actual of [chainId, logsChainId]) {
    if (actual !== expected) throw new WrongChainId({ expected, actual });
  }
  const address = config.marketAddress;
  if ((await getCode({ client, address, signal })) === "0x") throw new MarketNotFound({ address, chainId });
  return chainId;
}
