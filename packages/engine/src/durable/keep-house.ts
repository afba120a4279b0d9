// What an executor does every second beside its runs: takes over from dead ones, frees locks of ended runs, hears cancels, ticks schedules.
import { queryRows, type Pool } from "@tidegate/postgres";
import { toEventError } from "../journal/to-event-error.ts";
import { WORKFLOW_NAME } from "../flow/run-request.ts";
import { tickSchedules, type TickDeps } from "../schedules/tick-schedules.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import { freeLocks } from "./locks.ts";
import { refreshRuns } from "./refresh-runs.ts";
import { readCancels } from "./request-cancel.ts";
import { takeOver } from "./take-over.ts";

const EVERY_MS = 1_000;

export interface House {
  /** Resolves when the round in progress has ended. */
  stop(): Promise<void>;
}

export function keepHouse(deps: EngineDeps, ticking: TickDeps): House {
  const tasks: Readonly<Record<string, () => Promise<void>>> = {
    "taking over": async () => sweepExecutors(deps),
    "freeing locks": async () => freeLocks(deps.pool),
    "reading cancels": async () => readCancels(deps),
    "ticking schedules": async () => tickSchedules(ticking),
  };
  const stopped = new AbortController();
  const rounds = (async () => {
    while (!stopped.signal.aborted && !deps.halt.aborted) {
      for (const [task, work] of Object.entries(tasks)) {
        try {
          await work();
        } catch (error) {
          if (deps.halt.aborted) return;
          deps.emit(eventOf(deps.clock, "engine.trouble", { task, error: toEventError(error, deps.secrets) }));
        }
      }
      await deps.clock.sleep(EVERY_MS, AbortSignal.any([stopped.signal, deps.halt])).catch(() => undefined);
    }
  })();
  return {
    stop: async () => {
      stopped.abort();
      await rounds;
    },
  };
}

async function sweepExecutors(deps: EngineDeps): Promise<void> {
  const taken = await takeOver(deps.lock, {
    beforeHandingOn: async (runs) => {
      await countFruitless(deps.pool, runs);
      deps.projector.forget(runs);
      await refreshRuns(deps, runs);
    },
    afterHandingOn: async (executor) => refreshUntold(deps, executor),
  });
  for (const { from, runs } of taken) deps.emit(eventOf(deps.clock, "executor.took-over", { from, runs }));
}

/**
 * An executor that died in the middle of a step may have died of it: counted, until a step is newly recorded. Waiting runs are innocent.
 */
async function countFruitless(pool: Pool, runs: readonly string[]): Promise<void> {
  await queryRows(
    pool,
    `UPDATE tidegate_engine.claims c SET
       fruitless_claims = CASE WHEN s.steps > c.recorded_steps THEN 1 ELSE c.fruitless_claims + 1 END, recorded_steps = s.steps
     FROM tidegate_engine.runs r, LATERAL (SELECT count(*)::int AS steps FROM dbos.operation_outputs o WHERE o.workflow_uuid = r.id) s
     WHERE r.id = c.run_id AND r.state = 'running' AND c.run_id = ANY($1)`,
    [runs],
  );
}

/** Runs that ended just before their last executor did: DBOS knows it, the projection does not. */
async function refreshUntold(deps: EngineDeps, executor: string): Promise<void> {
  const rows = await queryRows<{ id: string }>(
    deps.pool,
    `SELECT w.workflow_uuid AS id FROM dbos.workflow_status w LEFT JOIN tidegate_engine.runs r ON r.id = w.workflow_uuid
      WHERE w.name = $2 AND w.executor_id = $1 AND w.status NOT IN ('PENDING', 'ENQUEUED', 'DELAYED')
        AND (r.id IS NULL OR r.state NOT IN ('succeeded', 'failed', 'cancelled'))`,
    [executor, WORKFLOW_NAME],
  );
  await refreshRuns(
    deps,
    rows.map((row) => row.id),
  );
}
