// Process `traffic`: clients and provers at work on the market. Started by a supervisor, or by hand: node src/traffic-main.ts.
import { createRpcClient } from "@tidegate/chain";
import {
  createLogger,
  httpUrl,
  loadSettings,
  runProgram,
  retry,
  setting,
  systemClock,
  TidegateError,
  waitUntil,
  wholeNumber,
  type Logger,
  type Shutdown,
} from "@tidegate/kernel";
import * as z from "zod";
import { isDeployed, MARKET_ADDRESS } from "./contract/deploy-market.ts";
import { serveHealth } from "./health-server.ts";
import { createTraffic, type Traffic } from "./traffic/create-traffic.ts";
import { TrafficStuck } from "./traffic/errors.ts";
import { DEFAULT_MIX, mixForm } from "./traffic/mix.ts";

const AT = "traffic-main";

const trafficSettings = {
  rpcUrl: setting({
    schema: httpUrl.default("http://127.0.0.1:8545"),
    flag: "rpc-url",
    env: ["RPC_URL"],
    describe: "JSON-RPC address of the chain, which must have anvil's unlocked accounts.",
  }),
  seed: setting({
    schema: wholeNumber({ min: 0, max: 2 ** 32 - 1 }).default(1),
    flag: "seed",
    env: ["TIDEGATE_TRAFFIC_SEED"],
    describe: "The same seed gives the same traffic at the same block times.",
  }),
  rate: setting({
    schema: wholeNumber({ min: 1, max: 200 }).default(4),
    flag: "rate",
    env: ["TIDEGATE_TRAFFIC_RATE"],
    describe: "Actions per second.",
  }),
  mix: setting({
    schema: mixForm.default(DEFAULT_MIX),
    flag: "mix",
    env: ["TIDEGATE_TRAFFIC_MIX"],
    describe: "Shares in percent that differ from the defaults: late=30,expire=5.",
  }),
  ledger: setting({
    schema: z.string().min(1).default(".tidegate/traffic/ledger.jsonl"),
    flag: "ledger",
    env: ["TIDEGATE_TRAFFIC_LEDGER"],
    describe: "File that every action is written to before it is sent.",
  }),
  healthPort: setting({
    schema: wholeNumber({ min: 0, max: 65_535 }).default(0),
    flag: "health-port",
    env: ["TIDEGATE_TRAFFIC_HEALTH_PORT"],
    describe: "Port of GET /health; 0: any free one.",
  }),
} as const;

/** The chain may be starting, or replaying its blocks. */
const CHAIN_WITHIN_MS = 120_000;
/** A chain that takes nothing for so long is reported, and the process ends. */
const STUCK_AFTER_MS = 60_000;

async function main(logger: Logger, shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings(trafficSettings, { argv: process.argv.slice(2), env: process.env });
  let traffic: Traffic | undefined;
  let sent = 0;
  const health = await serveHealth(values.healthPort, () =>
    traffic === undefined
      ? { status: "unhealthy", reason: "waiting for the chain" }
      : { status: "healthy", sent, ...traffic.counts() },
  );
  shutdown.onClose("health", () => health.close());
  const rpc = createRpcClient({ urls: [values.rpcUrl], restMs: 500, retry: { attempts: 1 } });
  shutdown.onClose("client", () => rpc.close());
  const { signal } = shutdown;

  await waitUntil(() => isMarketThere(rpc), {
    what: `The market at ${MARKET_ADDRESS}`,
    limitMs: CHAIN_WITHIN_MS,
    remedy: "Start the chain (npm start -w @tidegate/market-example), or name its address with --rpc-url.",
    everyMs: 250,
    signal,
  });
  const onEvent = (event: { readonly code: string }): void => logger.info(AT, event.code, { ...event });
  const { seed, mix, ledger: ledgerPath } = values;
  const made = await createTraffic({ rpc, seed, mix, ledgerPath, onEvent });
  traffic = made;
  shutdown.onClose("ledger", () => made.close());
  logger.info(AT, "traffic is up", {
    market: MARKET_ADDRESS,
    seed,
    rate: values.rate,
    ledgerPath,
    health: health.port,
  });

  let due = systemClock.monotonicMs();
  for (;;) {
    sent += await stepThrough(made, signal, logger);
    due = Math.max(due + 1_000 / values.rate, systemClock.monotonicMs() - 1_000);
    await systemClock.sleep(Math.max(0, due - systemClock.monotonicMs()), signal);
  }
}

/** One step; while the chain is away it is tried again, and the ledger keeps an action from being sent twice. */
async function stepThrough(traffic: Traffic, signal: AbortSignal, logger: Logger): Promise<number> {
  try {
    return await retry(() => traffic.step(), {
      attempts: 1_000,
      baseMs: 100,
      maxMs: 1_000,
      deadlineMs: STUCK_AFTER_MS,
      signal,
      isRetryable: isChainAway,
      onRetry: ({ error }) => logger.warn(AT, "the chain did not take it; trying again", { error }),
    });
  } catch (cause) {
    if (signal.aborted || !isChainAway(cause)) throw cause;
    throw new TrafficStuck({ reason: `no step succeeded for ${STUCK_AFTER_MS} ms`, cause });
  }
}

/** Not a revert, whose remedy is a restart. */
function isChainAway(error: unknown): boolean {
  return error instanceof TidegateError && error.retry === "later" && error.blame === "dependency";
}

async function isMarketThere(rpc: Parameters<typeof isDeployed>[0]): Promise<true | undefined> {
  try {
    return (await isDeployed(rpc, MARKET_ADDRESS)) ? true : undefined;
  } catch (error) {
    if (isChainAway(error)) return undefined;
    throw error;
  }
}

const logger = createLogger({ service: "traffic" });
await runProgram({ logger, at: AT, main: (shutdown) => main(logger, shutdown) });
