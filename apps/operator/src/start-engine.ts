// The durable engine in the operator: its events go to the log, its loss ends the process.
import { createDurableEngine, type AnyOperation, type Engine, type EngineEvent } from "@tidegate/engine";
import {
  describeError,
  EXIT,
  systemClock,
  TidegateError,
  type Logger,
  type Secret,
  type Shutdown,
} from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { EngineNotOpen } from "./errors.ts";
import { createOperations } from "./operations.ts";

/** Steps may run long statements; the pool of the status may not. */
const STATEMENT_TIMEOUT_MS = 600_000;
/** An effect that was stopped under its fence keeps the run from the next executor for no longer. */
const IDLE_IN_TRANSACTION_MS = 5_000;

export interface EngineDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly url: Secret;
  /** As they are known now. */
  readonly secrets: () => readonly Secret[];
  readonly logger: Logger;
  readonly shutdown: Shutdown;
}

/** Between two tries while the database is away. */
const AGAIN_MS = 1_000;

/**
 * Begins to open the engine, and gives how to reach it: until it is open that throws EngineNotOpen, and the rest of the operator works.
 * What no waiting mends (runs of other versions, a database that is too old) ends the process with its exit code.
 */
export function startEngine(deps: EngineDeps): () => Engine {
  const { logger, shutdown } = deps;
  const pool = createPool({
    url: deps.url,
    applicationName: "tidegate operations",
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS,
    onEvent: (event) => logger.warn("start-engine.ts#pool", event.message, { error: event.error }),
  });
  shutdown.onClose("the pool of the operations", async () => pool.end());
  let engine: Engine | undefined;
  let reason = "the engine is being opened";
  shutdown.onClose("the engine", async () => engine?.stop());
  const open = async (): Promise<void> => {
    try {
      engine = await openEngine(deps, createOperations({ pool, env: deps.env, logger }));
      logger.info("start-engine.ts#open", "The engine is open");
    } catch (error) {
      if (!(error instanceof TidegateError) || error.retry === "never") throw error;
      if (reason !== error.message)
        logger.warn("start-engine.ts#open", error.message, { code: error.code, remedy: error.remedy });
      reason = error.message;
    }
  };
  keepOpening(open, () => engine !== undefined, deps);
  return () => {
    if (engine === undefined) throw new EngineNotOpen({ reason });
    return engine;
  };
}

function keepOpening(open: () => Promise<void>, isOpen: () => boolean, { logger, shutdown }: EngineDeps): void {
  const loop = async (): Promise<void> => {
    while (!shutdown.signal.aborted) {
      await open();
      if (isOpen()) return;
      await systemClock.sleep(AGAIN_MS, shutdown.signal).catch(() => undefined);
    }
  };
  loop().catch((error: unknown) => {
    const known = error instanceof TidegateError ? { code: error.code, remedy: error.remedy } : {};
    logger.error("start-engine.ts#keepOpening", describeError(error), { ...known, error });
    process.exit(error instanceof TidegateError ? error.exit : EXIT.failed);
  });
}

async function openEngine({ url, secrets, logger }: EngineDeps, operations: readonly AnyOperation[]): Promise<Engine> {
  return createDurableEngine({
    url,
    operations,
    // The operator has them all: what it lacks, the next release would have to finish.
    answersForAll: true,
    secrets,
    onEvent: (event) => logEvent(logger, event),
    onLost: (error) => {
      logger.error("start-engine.ts#onLost", error.message, { code: error.code, remedy: error.remedy });
      // At once: its runs are, or will be, another executor's.
      process.exit(EXIT.tryAgain);
    },
  });
}

const TROUBLE = new Set<EngineEvent["code"]>(["engine.trouble", "executor.lost", "run.failed", "schedule.failed"]);
const CHATTER = new Set<EngineEvent["code"]>(["step.progress", "run.progress"]);

function logEvent(logger: Logger, { code, runId, step, data }: EngineEvent): void {
  const context = { ...(runId === null ? {} : { runId }), ...(step === null ? {} : { step }), ...data };
  if (TROUBLE.has(code)) logger.warn("start-engine.ts#logEvent", code, context);
  else if (CHATTER.has(code)) logger.debug("start-engine.ts#logEvent", code, context);
  else logger.info("start-engine.ts#logEvent", code, context);
}
