// The durable engine: DBOS on PostgreSQL behind the engine's port. One per process; several processes share one database.
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { fileURLToPath } from "node:url";
import { describeError, systemClock, type Clock, type Secret } from "@tidegate/kernel";
import { checkServer, createPool, migrate, withTransaction, type Pool } from "@tidegate/postgres";
import type { Engine } from "../control/engine.ts";
import { ExecutorLost } from "../errors/executor-errors.ts";
import type { EventListener } from "../events/engine-event.ts";
import { scrubEvent } from "../events/scrub-event.ts";
import { secretsOfUrl } from "../journal/secrets-of-url.ts";
import { toEventError } from "../journal/to-event-error.ts";
import { operationId, type AnyOperation } from "../operation/operation.ts";
import { createRegistry, type Registry } from "../operation/registry.ts";
import { createProjector } from "../projection/create-projector.ts";
import { assertNoStrandedRuns, type Answerable } from "./assert-no-stranded-runs.ts";
import { engineFace } from "./engine-face.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import type { Execution } from "../flow/execution.ts";
import { executeRun } from "./execute-run.ts";
import { DEFAULT_TIMING, holdExecutorLock, type ExecutorLock, type LockTiming } from "./executor-lock.ts";
import { IDLE_IN_TRANSACTION_MS, launchDbos } from "./launch-dbos.ts";
import { createNotifications } from "./notifications.ts";
import { holdBeginnings } from "./release-order.ts";

export interface DurableEngineOptions {
  /** A direct connection to PostgreSQL ≥ 15, no transaction-mode pooler; its role may create schemas `dbos` and `tidegate_engine`. */
  readonly url: Secret;
  /** All versions that runs may need. */
  readonly operations: readonly AnyOperation[];
  /**
   * Refuses to open over runs in flight of any operation that is not among these, as an operator, which has all; otherwise only of another
   * version of one of them, as a handler, which has one. What nobody has is shown as stuck either way. Default false.
   */
  readonly answersForAll?: boolean;
  /** Never journaled, told or shown; the URL and its password are added. Default none. */
  readonly secrets?: readonly Secret[] | (() => readonly Secret[]);
  /** This executor can no longer keep its runs: they go to another. The process must end now, and may be started again. */
  readonly onLost: (error: ExecutorLost) => void;
  readonly onEvent?: EventListener;
  readonly clock?: Clock;
  readonly timing?: Partial<LockTiming>;
}

const MIGRATIONS = fileURLToPath(
  // From sources, or from a bundle, beside which the build puts them.
  new URL(import.meta.url.endsWith(".ts") ? "../migrations" : "./engine-migrations", import.meta.url),
);

/** Opens the engine and begins to work on runs. Throws PostgresUnreachable and its like, RunsOfOtherVersions, OperationInvalid. */
export async function createDurableEngine(options: DurableEngineOptions): Promise<Engine> {
  const registry = createRegistry(options.operations);
  const clock = options.clock ?? systemClock;
  const closing = new AsyncDisposableStack();
  try {
    const pool = createPool({
      url: options.url,
      applicationName: "tidegate engine",
      max: 8,
      idleInTransactionTimeoutMs: IDLE_IN_TRANSACTION_MS,
    });
    closing.defer(async () => pool.end());
    await checkServer(pool);
    await migrate({ pool, directory: MIGRATIONS, owner: "engine" });
    const answerable = { operations: registry.operations, answersForAll: options.answersForAll ?? false };
    await assertNoStrandedRuns(pool, answerable);
    return await assemble(options, { pool, registry, answerable, clock, closing });
  } catch (error) {
    await closing.disposeAsync();
    throw error;
  }
}

async function assemble(
  options: DurableEngineOptions,
  facts: {
    readonly pool: Pool;
    readonly registry: Registry;
    readonly answerable: Answerable;
    readonly clock: Clock;
    readonly closing: AsyncDisposableStack;
  },
): Promise<Engine> {
  const { pool, registry, answerable, clock, closing } = facts;
  const executor = `${hostname()}-${process.pid}-${randomBytes(3).toString("hex")}`;
  const secrets = secretsOf(options);
  const executions = new Map<string, Execution>();
  const listeners = new Set<EventListener>(options.onEvent === undefined ? [] : [options.onEvent]);
  const tell: EventListener = (event) => {
    for (const listener of listeners) listener(event);
  };
  const life = createLife({ executor, clock, tell, onLost: options.onLost });
  const trouble = (task: string, error: unknown): void => {
    if (life.halt.signal.aborted) return;
    tell(eventOf(clock, "engine.trouble", { task, error: toEventError(error, secrets()) }));
  };
  const projector = createProjector({ pool, onTrouble: (error) => trouble("storing events", error) });
  // DBOS begins to hand out runs while it is being launched; they wait until all is there.
  const ready = Promise.withResolvers<EngineDeps>();
  const notifications = createNotifications(executions, ready.promise);
  const lock = await holdExecutorLock({
    url: options.url,
    executor,
    host: hostname(),
    operations: registry.operations.map(operationId),
    timing: { ...DEFAULT_TIMING, ...options.timing },
    onLost: life.lose,
    onNotification: notifications.take,
  });
  closing.defer(lock.release);
  await assertNothingStranded(pool, lock, answerable);
  const dbos = await launchDbos({
    url: options.url,
    executor,
    lock,
    operations: registry.operations,
    execute: async (text) => executeRun(await ready.promise, text),
    onTrouble: (message) => trouble("dbos", new Error(message)),
  });
  closing.defer(dbos.shutdown);
  const deps: EngineDeps = {
    executor,
    pool,
    registry,
    clock,
    get secrets() {
      return secrets();
    },
    projector,
    lock,
    dbos,
    executions,
    arriving: new Set(),
    retrying: new Set(),
    halt: life.halt.signal,
    giveUp: life.giveUp,
    stored: notifications.stored,
    emit: createEmit({ secrets, projector, tell }),
  };
  ready.resolve(deps);
  tell(eventOf(clock, "executor.started", { executor }));
  const { onStored } = notifications;
  return engineFace(deps, { halt: life.halt, listeners, onStored, close: async () => closing.disposeAsync() });
}

/** Those that come to be known later count as well, if they are given as a function. */
function secretsOf({ secrets = [], url }: Pick<DurableEngineOptions, "secrets" | "url">): () => readonly Secret[] {
  const own = secretsOfUrl(url);
  return () => [...(typeof secrets === "function" ? secrets() : secrets), ...own];
}

function createEmit({
  secrets,
  projector,
  tell,
}: Pick<EngineDeps, "projector"> & {
  readonly secrets: () => readonly Secret[];
  readonly tell: EventListener;
}): EngineDeps["emit"] {
  return (said, extras = {}) => {
    const event = scrubEvent(said, secrets());
    projector.take(event, extras);
    tell(event);
  };
}

/** Once more, now that executors of an earlier release see this one: what they began meanwhile is found, and they begin nothing after it. */
async function assertNothingStranded(pool: Pool, lock: ExecutorLock, answerable: Answerable): Promise<void> {
  try {
    await withTransaction(pool, async (client) => {
      await holdBeginnings(client);
      await assertNoStrandedRuns(client, answerable);
    });
  } catch (error) {
    await lock.withdraw();
    throw error;
  }
}

interface Life {
  readonly halt: AbortController;
  readonly lose: (error: ExecutorLost) => void;
  readonly giveUp: (cause: unknown) => void;
}

/** An executor is lost once, and then does nothing more. */
function createLife(facts: {
  readonly executor: string;
  readonly clock: Clock;
  readonly tell: EventListener;
  readonly onLost: (error: ExecutorLost) => void;
}): Life {
  const { executor, clock } = facts;
  const halt = new AbortController();
  const lose = (error: ExecutorLost): void => {
    if (halt.signal.aborted) return;
    halt.abort(error);
    facts.tell(eventOf(clock, "executor.lost", { executor, reason: error.message }));
    facts.onLost(error);
  };
  const giveUp = (cause: unknown): void => lose(new ExecutorLost({ executor, reason: describeError(cause), cause }));
  return { halt, lose, giveUp };
}
