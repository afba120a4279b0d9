// Starts what is due by the schedules. A tick is a start key, so it fires once whoever is killed.
import { describeError, TidegateError, type Clock } from "@tidegate/kernel";
import { queryRows, type Pool } from "@tidegate/postgres";
import { ReleaseOutdated } from "../errors/executor-errors.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import { readSchedules, scheduleOf, type ScheduleRow, type SchedulesDeps } from "./create-schedules.ts";
import { dueTicks } from "./ticks.ts";

export interface TickDeps extends SchedulesDeps {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly emit: (event: EngineEvent) => void;
  /** Ends the observing of what is due; it stays due. */
  readonly signal: AbortSignal;
  /** A schedule is looked at again in the next round. */
  readonly onTrouble: (error: unknown) => void;
}

const ROUND_MS = 1_000;

/**
 * Called by one executor at a time. A schedule that observes for long holds up no other: rounds go on, and pass it by, until all have ended.
 */
export async function tickSchedules(deps: TickDeps): Promise<void> {
  const { signal } = deps;
  const busy = new Map<string, Promise<void>>();
  const begin = async (row: ScheduleRow): Promise<void> => {
    try {
      await tickSchedule(deps, row);
    } catch (error) {
      if (!signal.aborted) deps.onTrouble(error);
    } finally {
      busy.delete(row.name);
    }
  };
  try {
    do {
      for (const row of await readSchedules(deps.pool)) {
        if (row.is_paused || busy.has(row.name)) continue;
        // Entered before it can have ended.
        busy.set(
          row.name,
          Promise.resolve().then(async () => begin(row)),
        );
      }
      const rested = new AbortController();
      const rest = deps.clock.sleep(ROUND_MS, AbortSignal.any([signal, rested.signal])).catch(() => undefined);
      await Promise.race([Promise.all(busy.values()), rest]);
      rested.abort();
    } while (busy.size > 0 && !signal.aborted);
  } finally {
    await Promise.all(busy.values());
  }
}

async function tickSchedule(deps: TickDeps, row: ScheduleRow): Promise<void> {
  const now = deps.clock.now();
  const schedule = scheduleOf(row);
  const { run, skipped, hasOlder } = dueTicks(schedule, row.ticked_until, now);
  const tell = (event: Pick<EngineEvent, "code" | "data">): void => {
    // Code and data are paired by the callers below.
    deps.emit({ at: now, runId: null, step: null, ...event } as EngineEvent);
  };
  if (skipped > 0 || hasOlder)
    tell({ code: "schedule.skipped", data: { schedule: row.name, ticks: skipped, hasOlder } });
  for (const tick of run) {
    const text = tick.toISOString();
    try {
      const { runId } = await deps.start(schedule, {
        by: `schedule:${row.name}`,
        key: `schedule:${row.name}:${text}`,
        signal: deps.signal,
      });
      await done(deps.pool, row.name, tick, { runId, error: null });
      tell({ code: "schedule.fired", data: { schedule: row.name, tick: text } });
    } catch (error) {
      // A newer release fires it; and what was cut short by the end of this executor is another's.
      if (error instanceof ReleaseOutdated || deps.signal.aborted) return;
      // Trouble of the database or of a part may be over in the next round; the tick stays due while it is fresh.
      const isPassing = error instanceof TidegateError && error.retry !== "never" && error.code.startsWith("postgres.");
      if (isPassing) throw error;
      const message = describeError(error);
      await done(deps.pool, row.name, tick, { runId: null, error: message });
      const code = error instanceof TidegateError ? error.code : "error.unforeseen";
      tell({
        code: "schedule.failed",
        data: { schedule: row.name, tick: text, error: { code, message, remedy: null } },
      });
    }
  }
  if (skipped > 0 && run.length === 0) await done(deps.pool, row.name, now, undefined);
}

/** Ticks up to this one are done with. A schedule that was changed meanwhile keeps its own. */
async function done(
  pool: Pool,
  name: string,
  tick: Date,
  last: { readonly runId: string | null; readonly error: string | null } | undefined,
): Promise<void> {
  await queryRows(
    pool,
    `UPDATE tidegate_engine.schedules SET ticked_until = GREATEST(ticked_until, $2),
       last_tick = CASE WHEN $3 THEN $2 ELSE last_tick END, last_run_id = CASE WHEN $3 THEN COALESCE($4, last_run_id) ELSE last_run_id END,
       last_error = CASE WHEN $3 THEN $5 ELSE last_error END WHERE name = $1`,
    [name, tick, last !== undefined, last?.runId ?? null, last?.error ?? null],
  );
}
