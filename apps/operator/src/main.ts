// The program `operator`: the long-running process of an installation. JSON logs on stdout; stops on SIGTERM or SIGINT.
import { createLogger, loadSettings, runProgram, Secret, systemClock, untilStopped } from "@tidegate/kernel";
import type { Logger, Shutdown } from "@tidegate/kernel";
import { secretsOfUrl, type Engine } from "@tidegate/engine";
import { createMarketApi, listen } from "@tidegate/market-indexer";
import { createPool } from "@tidegate/postgres";
import { createProcessWorkloads } from "@tidegate/workloads";
import packageJson from "../package.json" with { type: "json" };
import { createTokens } from "./auth/read-tokens.ts";
import { createOperator } from "./create-operator.ts";
import { EngineNotOpen } from "./errors.ts";
import { operatorSettings } from "./settings.ts";
import { startEngine } from "./start-engine.ts";

const SERVICE = "operator";

/** The longest that one statement of the status or of the read API may run. */
const STATEMENT_TIMEOUT_MS = 5_000;

const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

async function start(shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings(operatorSettings, { argv: process.argv.slice(2), env: process.env });
  const logger = createLogger({ service: SERVICE, level: values.logLevel });
  const pool = createPool({
    url: values.databaseUrl,
    max: values.poolSize,
    applicationName: SERVICE,
    connectionTimeoutMs: STATEMENT_TIMEOUT_MS,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onEvent: (event) => logger.warn("main.ts#pool", event.message, { error: event.error }),
  });
  shutdown.onClose("the database pool", async () => pool.end());

  const readTokens = values.tokensFile === undefined ? undefined : createTokens(values.tokensFile);
  // Also those that are made while this runs.
  let known: readonly Secret[] = [];
  const tokens = (): readonly Secret[] => {
    try {
      known = (readTokens?.() ?? []).map((one) => new Secret(one.token));
    } catch {
      // Whoever asks anything is told so, by the authentication; what was known stays secret.
    }
    return known;
  };
  let engine: (() => Engine) | undefined;
  const app = createOperator({
    pool,
    engine: () => {
      if (engine === undefined) throw new EngineNotOpen({ reason: "the operator is starting" });
      return engine();
    },
    readTokens,
    secrets: secretsOfUrl(values.databaseUrl),
    stopping: shutdown.signal,
    workloads: createProcessWorkloads({ stateDir: values.stateDir, releasesDir: values.releasesDir }),
    marketApi: createMarketApi({ pool, chainId: values.chainId, onEvent: (event) => log(logger, event) }),
    indexerHealthUrl: values.indexerHealthUrl,
    clock: systemClock,
    operator: { version: packageJson.version, pid: process.pid, startedAt: systemClock.now().toISOString() },
    onEvent: (event) => log(logger, event),
  });
  const server = await listen({ fetch: app.fetch, host: values.host, port: values.port });
  shutdown.onClose("the HTTP server", server.close);
  if (!LOOPBACK.has(values.host)) {
    logger.warn("main.ts#start", "The operator listens beyond this machine; put TLS before it", { host: values.host });
  }
  logger.info("main.ts#start", "The operator listens", { host: server.host, port: server.port });
  engine = startEngine({ env: process.env, url: values.databaseUrl, secrets: tokens, logger, shutdown });
  await untilStopped(shutdown);
}

/** What carries an error is one; the rest is worth a line only to somebody who looks. */
function log(logger: Logger, event: { readonly code: string; readonly error?: unknown }): void {
  const { code, ...context } = event;
  if (event.error === undefined) logger.debug("main.ts#log", code, context);
  else logger.warn("main.ts#log", code, context);
}

await runProgram({ logger: createLogger({ service: SERVICE }), at: "main.ts#start", main: start });
