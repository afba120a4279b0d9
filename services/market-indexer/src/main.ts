// The program `market-indexer`: settings → health server → indexer, until a signal, the end block, or an error that stays.
import { writeSync } from "node:fs";
import {
  ConfigInvalid,
  createLogger,
  createShutdown,
  EXIT,
  systemClock,
  TidegateError,
  type Logger,
} from "@tidegate/kernel";
import { readConfig, type IndexerConfig } from "./config.ts";
import { SERVICE_NAME } from "./constants.ts";
import type { IndexerEvent } from "./events.ts";
import { createIndexerState } from "./health/indexer-state.ts";
import { serveHealth } from "./health/serve-health.ts";
import { createEventLog } from "./log-events.ts";
import { createPlainLines } from "./plain-lines.ts";
import { runIndexer } from "./run-indexer.ts";

/** A stop that takes longer ends the process anyway; the database then rolls the open batch back. */
const STOP_LIMIT_MS = 10_000;

/** Runs until it is stopped; returns the exit code. */
async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let logger = createLogger({ service: SERVICE_NAME });
  try {
    const { config, inertGiven } = readConfig({ argv, env });
    if (!config.logJson) logger = plainLogger();
    for (const given of inertGiven) {
      logger.warn("main#settings", `${given.source} has no effect in this version: ${given.inert ?? ""} will use it`);
    }
    await runService(config, logger);
    return EXIT.ok;
  } catch (error) {
    return tellFailure(logger, error);
  }
}

function plainLogger(): Logger {
  return createLogger({
    service: SERVICE_NAME,
    // Synchronously, so that the last line before the end is there.
    destination: createPlainLines((text) => void writeSync(1, text)),
  });
}

async function runService(config: IndexerConfig, logger: Logger): Promise<void> {
  const state = createIndexerState();
  const log = createEventLog({ logger, clock: systemClock });
  const onEvent = (event: IndexerEvent): void => {
    state.apply(event);
    log(event);
  };
  const shutdown = createShutdown({ limitMs: STOP_LIMIT_MS });
  stopOnSignals((reason) => shutdown.stop(reason), logger);
  if (config.healthPort !== undefined) {
    const health = await serveHealth({ port: config.healthPort, state: state.current });
    shutdown.onClose("health server", health.close);
  }
  const running = runIndexer(config, { signal: shutdown.signal, onEvent });
  // A stop waits for the loop; its failure is told below, where it is awaited.
  shutdown.onClose("indexer", () => running.catch(() => undefined));
  try {
    await running;
  } finally {
    await shutdown.stop("the indexer ended");
  }
  logger.info("main#runService", "Stopped", { ...state.current().progress });
}

function stopOnSignals(stop: (reason: string) => Promise<void>, logger: Logger): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      logger.info("main#stop", `Stopping on ${signal}`);
      stop(signal).catch((error: unknown) => {
        logger.error("main#stop", "It did not stop in time; the open batch is rolled back", { error });
        process.exit(EXIT.ok);
      });
    });
  }
}

function tellFailure(logger: Logger, error: unknown): number {
  if (error instanceof TidegateError) {
    const { code, remedy, details } = error;
    logger.error("main", error.message, {
      code,
      remedy,
      ...(error instanceof ConfigInvalid ? {} : { details, error }),
    });
    return error.exit;
  }
  logger.error("main", "FATAL: an error that should not happen", { error });
  return EXIT.failed;
}

process.exit(await main(process.argv.slice(2), process.env));
