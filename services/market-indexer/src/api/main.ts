// The program `market-api`: serves the read API until SIGTERM or SIGINT. JSON logs on stdout.
import { createLogger, loadSettings, runProgram, untilStopped } from "@tidegate/kernel";
import type { Logger, Shutdown } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { createMarketApi, type MarketApiEvent } from "./create-market-api.ts";
import { malformedRequest } from "./error-response.ts";
import { listen } from "./listen.ts";
import { marketApiSettings } from "./settings.ts";

const SERVICE = "market-api";

/** The longest that one statement may run: a client has gone away by then. */
const STATEMENT_TIMEOUT_MS = 5_000;

async function start(shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings(marketApiSettings, { argv: process.argv.slice(2), env: process.env });
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

  const app = createMarketApi({ pool, chainId: values.chainId, onEvent: (event) => log(logger, event) });
  const server = await listen({ fetch: app.fetch, host: values.host, port: values.port, refuse: malformedRequest });
  shutdown.onClose("the HTTP server", server.close);
  logger.info("main.ts#start", "The market API listens", { host: server.host, port: server.port });
  await untilStopped(shutdown);
}

function log(logger: Logger, event: MarketApiEvent): void {
  const { code, ...context } = event;
  if (code === "market-api.failed")
    logger.error("create-market-api.ts#onError", "A request failed", { code, ...context });
  else logger.debug("create-market-api.ts#answered", "Answered", { code, ...context });
}

await runProgram({ logger: createLogger({ service: SERVICE }), at: "main.ts#start", main: start });
