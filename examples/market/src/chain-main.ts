// Process `chain`: the embedded chain with the market on it. Started by a supervisor, or by hand: node src/chain-main.ts.
import { createRpcClient, startEmbeddedChain, type ChainEvent, type RpcClient } from "@tidegate/chain";
import {
  createLogger,
  loadSettings,
  runProgram,
  setting,
  untilStopped,
  wholeNumber,
  type Logger,
  type Shutdown,
} from "@tidegate/kernel";
import * as z from "zod";
import { deployMarket, isDeployed, MARKET_ADDRESS } from "./contract/deploy-market.ts";
import { serveHealth, type Health } from "./health-server.ts";

const AT = "chain-main";
const port = wholeNumber({ min: 0, max: 65_535 });

const chainSettings = {
  port: setting({
    schema: port.default(8545),
    flag: "port",
    env: ["TIDEGATE_CHAIN_PORT"],
    describe: "Port of the JSON-RPC address; 0: any free one.",
  }),
  dataDir: setting({
    schema: z.string().min(1).default(".tidegate/chain"),
    flag: "data-dir",
    env: ["TIDEGATE_CHAIN_DATA_DIR"],
    describe: "Folder of the journal from which the chain is brought back.",
  }),
  blockTimeMs: setting({
    schema: wholeNumber({ min: 50, max: 600_000 }).default(1_000),
    flag: "block-time-ms",
    env: ["TIDEGATE_CHAIN_BLOCK_TIME_MS"],
    describe:
      "Milliseconds between blocks. Below 1,000 the chain's clock runs fast: each block is a second later at least.",
  }),
  chainId: setting({
    schema: wholeNumber({ min: 1, max: 2 ** 32 }).default(31_337),
    flag: "chain-id",
    env: ["TIDEGATE_CHAIN_ID"],
    describe: "Chain id of a new folder.",
  }),
  healthPort: setting({
    schema: port.default(0),
    flag: "health-port",
    env: ["TIDEGATE_CHAIN_HEALTH_PORT"],
    describe: "Port of GET /health; 0: any free one.",
  }),
} as const;

const HEALTH_LIMIT_MS = 2_000;

async function main(logger: Logger, shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings(chainSettings, { argv: process.argv.slice(2), env: process.env });
  // The rest of the process waits for this; a supervisor is told from the beginning, though.
  let client: RpcClient | undefined;
  const health = await serveHealth(values.healthPort, () => lookAtChain(client));
  shutdown.onClose("health", () => health.close());

  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const starting = startEmbeddedChain({
    ...values,
    onEvent: (event) => {
      logEvent(logger, event);
      if (event.code === "chain.failed") failed.reject(event.error);
    },
  });
  // A long replay is not waited for when the process is to stop: its anvil is left, and found by whoever starts or stops this chain.
  const chain = await Promise.race([starting, untilStopped(shutdown)]);
  if (chain === undefined) return;
  shutdown.onClose("chain", () => chain.stop());
  client = createRpcClient({ urls: [chain.url], requestTimeoutMs: HEALTH_LIMIT_MS, retry: { attempts: 1 }, restMs: 0 });
  shutdown.onClose("client", () => client?.close());

  const stopped = new Promise<void>((resolve) => {
    shutdown.signal.addEventListener("abort", () => resolve(), { once: true });
    if (shutdown.signal.aborted) resolve();
  });
  await Promise.race([deployMarket(client), stopped, failed.promise]);
  logger.info(AT, "chain is up", {
    url: chain.url,
    market: MARKET_ADDRESS,
    head: chain.head().number,
    health: health.port,
    anvil: chain.pid(),
  });
  await Promise.race([stopped, failed.promise]);
}

async function lookAtChain(client: RpcClient | undefined): Promise<Health> {
  if (client === undefined) return { status: "unhealthy", reason: "the chain is being started" };
  const head = await client.call("eth_blockNumber", [], { parse: Number });
  if (!(await isDeployed(client, MARKET_ADDRESS))) return { status: "unhealthy", head, reason: "no market yet" };
  return { status: "healthy", head, market: MARKET_ADDRESS };
}

function logEvent(logger: Logger, event: ChainEvent): void {
  const { code, ...context } = event;
  switch (code) {
    case "chain.block":
      logger.debug(AT, code, context);
      break;
    case "chain.adopted":
    case "chain.replayed":
    case "chain.snapshot-written":
      logger.info(AT, code, context);
      break;
    case "chain.anvil-died":
    case "chain.snapshot-failed":
    case "chain.replay-repeated":
    case "chain.failed":
      logger.warn(AT, code, context);
      break;
  }
}

const logger = createLogger({ service: "chain" });
await runProgram({ logger, at: AT, main: (shutdown) => main(logger, shutdown) });
