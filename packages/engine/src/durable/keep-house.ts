// What an executor does every second beside its runs. Each task has a loop of its own: what takes long holds up nothing else.
import { queryRows } from "@tidegate/postgres";
import { toEventError } from "../journal/to-event-error.ts";
import { WORKFLOW_NAME } from "../flow/run-request.ts";
import { tickSchedules, type TickDeps } from "../schedules/tick-schedules.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import { freeLocks } from "./locks.ts";
import { refreshRuns } from "./refresh-runs.ts";
import { readCancels } from "./request-cancel.ts";
import { createLostRuns } from "./resume-lost.ts";
import { SCHEDULES, takeOver, whileFree } from "./take-over.ts";

const EVERY_MS = 1_000;
const TICKING = "ticking schedules";

export interface House {
  /** Resolves when the rounds in progress have ended; the observing of a schedule is aborted. */
  stop(): Promise<void>;
}

export function keepHouse(deps: EngineDeps, ticking: Omit<TickDeps, "signal" | "onTrouble">): House {
  const stopped = new AbortController();
  const over = AbortSignal.any([stopped.signal, deps.halt]);
  const resumeLost = createLostRuns(deps);
  const tasks: Readonly<Record<string, () => Promise<void>>> = {
    "taking over": createSweep(deps),
    "resuming lost runs": async () => {
      const runs = await resumeLost();
      if (runs.length > 0) deps.emit(eventOf(deps.clock, "executor.took-over", { from: deps.executor, runs }));
    },
    "freeing locks": async () => freeLocks(deps.pool),
    "reading cancels": async () => readCancels(deps),
    "telling ends": createTellUntold(deps),
    // On the executor's own session: its turn ends with it, and no transaction stands open while a schedule observes.
    [TICKING]: async () =>
      whileFree(deps.lock, SCHEDULES, async () =>
        tickSchedules({ ...ticking, signal: over, onTrouble: (error) => report(deps, TICKING, error) }),
      ),
  };
  const rounds = Object.entries(tasks).map(async ([task, work]) => {
    while (!over.aborted) {
      try {
        await work();
      } catch (error) {
        if (deps.halt.aborted) return;
        report(deps, task, error);
      }
      await deps.clock.sleep(EVERY_MS, over).catch(() => undefined);
    }
  });
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(rounds);
    },
  };
}

function report(deps: EngineDeps, task: string, error: unknown): void {
  deps.emit(eventOf(deps.clock, "engine.trouble", { task, error: toEventError(error, deps.secrets) }));
}

function createSweep(deps: EngineDeps): () => Promise<void> {
  /** Handed on by this executor, and not told yet: what was recorded and not stored is known to the history alone. */
  const untold = new Map<string, Set<string>>();
  return async () =>
    takeOver({
      lock: deps.lock,
      pool: deps.pool,
      onTrouble: (error) => report(deps, "telling what a dead executor did not", error),
      handedOn: (from, runs) => {
        untold.set(from, new Set([...(untold.get(from) ?? []), ...runs]));
        deps.projector.forget(runs);
        deps.emit(eventOf(deps.clock, "executor.took-over", { from, runs }));
      },
      tellFor: async (executor) => {
        await refreshRuns(deps, [...new Set([...(untold.get(executor) ?? []), ...(await shownOf(deps, executor))])]);
        untold.delete(executor);
      },
    });
}

/** Unfinished runs that are shown as that executor's, and those that it began without anybody having seen them. */
async function shownOf(deps: EngineDeps, executor: string): Promise<readonly string[]> {
  const rows = await queryRows<{ id: string }>(
    deps.pool,
    `SELECT id FROM tidegate_engine.runs WHERE state IN (${UNFINISHED}) AND executor = $1
     UNION
     SELECT w.workflow_uuid FROM dbos.workflow_status w LEFT JOIN tidegate_engine.runs r ON r.id = w.workflow_uuid
      WHERE w.name = $2 AND w.executor_id = $1 AND (r.id IS NULL OR (w.status NOT IN (${UNFINISHED_IN_DBOS}) AND r.state IN (${UNFINISHED})))`,
    [executor, WORKFLOW_NAME],
  );
  return rows.map((row) => row.id);
}

const UNFINISHED = "'queued', 'waiting-for-lock', 'running', 'waiting', 'cancelling'";
const UNFINISHED_IN_DBOS = "'PENDING', 'ENQUEUED', 'DELAYED'";

/** An end is told, and a retry is begun, within so long. */
const ON_ITS_WAY_MS = 10_000;

/**
 * Gives one round: runs that DBOS has ended and that have been shown as unfinished for ten seconds are told. Whoever had to was killed, or
 * was killed in a retry that it had told and DBOS did not have yet. Not by the time of the end: a retry of an old run looks the same for a moment.
 */
function createTellUntold(deps: EngineDeps): () => Promise<void> {
  let since = new Map<string, number>();
  return async () => {
    const rows = await queryRows<{ id: string }>(
      deps.pool,
      `SELECT r.id FROM tidegate_engine.runs r JOIN dbos.workflow_status w ON w.workflow_uuid = r.id
        WHERE r.state IN (${UNFINISHED}) AND w.status NOT IN (${UNFINISHED_IN_DBOS}) LIMIT 100`,
    );
    const nowMs = deps.clock.monotonicMs();
    since = new Map(rows.map(({ id }) => [id, since.get(id) ?? nowMs]));
    const untold = [...since].filter(([, sinceMs]) => nowMs - sinceMs >= ON_ITS_WAY_MS).map(([id]) => id);
    deps.projector.forget(untold);
    await refreshRuns(deps, untold);
  };
}
