// Schedules in the database: what people do with them, and the ticking of all executors.
import type { Clock, Secret } from "@tidegate/kernel";
import { queryRows, type Pool } from "@tidegate/postgres";
import { ScheduleUnknown } from "../errors/schedule-errors.ts";
import { decode, encode } from "../journal/codec.ts";
import type { Registry } from "../operation/registry.ts";
import { validateInput } from "../operation/validate-input.ts";
import type { Schedule, Schedules, ScheduleView } from "./schedule.ts";
import { checkSchedule, nextTick } from "./ticks.ts";

export interface ScheduleRow {
  readonly name: string;
  readonly operation: string;
  /** The journal's encoding. */
  readonly input: string;
  readonly cron: string;
  readonly time_zone: string;
  readonly missed: Schedule["missed"];
  readonly lock_wait_ms: number;
  readonly is_paused: boolean;
  readonly ticked_until: Date;
  readonly last_tick: Date | null;
  readonly last_run_id: string | null;
  readonly last_error: string | null;
}

export interface SchedulesDeps {
  readonly pool: Pool;
  /** Refused in what is kept. */
  readonly secrets: readonly Secret[];
  readonly registry: Registry;
  readonly clock: Clock;
  readonly start: (
    schedule: Schedule,
    facts: { readonly by: string; readonly key?: string; readonly signal?: AbortSignal },
  ) => Promise<{ readonly runId: string }>;
}

export function scheduleOf(row: ScheduleRow): Schedule {
  return {
    name: row.name,
    operation: row.operation,
    input: decode(row.input),
    cron: row.cron,
    timeZone: row.time_zone,
    missed: row.missed,
    lockWaitMs: row.lock_wait_ms,
  };
}

export async function readSchedules(pool: Pool): Promise<readonly ScheduleRow[]> {
  return queryRows<ScheduleRow>(pool, "SELECT * FROM tidegate_engine.schedules ORDER BY name");
}

export function createSchedules(deps: SchedulesDeps): Schedules {
  const { pool } = deps;
  const change = async (name: string, sql: string, values: readonly unknown[] = []): Promise<void> => {
    const rows = await queryRows(pool, `${sql} RETURNING name`, [name, ...values]);
    if (rows.length === 0)
      throw new ScheduleUnknown({ schedule: name, known: (await readSchedules(pool)).map((row) => row.name) });
  };
  return {
    list: async () => (await readSchedules(pool)).map((row) => viewOf(row, deps.clock.now())),
    set: async (schedule) => {
      checkSchedule(schedule);
      validateInput(deps.registry.latest(schedule.operation), schedule.input);
      // A name, and an input, are kept and shown.
      const { name, input } = schedule;
      encode({ name, input }, { what: "The schedule", secrets: deps.secrets });
      await storeSchedule(pool, schedule, deps.clock.now());
    },
    remove: async (name) => change(name, "DELETE FROM tidegate_engine.schedules WHERE name = $1"),
    pause: async (name) => change(name, "UPDATE tidegate_engine.schedules SET is_paused = true WHERE name = $1"),
    // Ticks that passed meanwhile are done with; resuming what is not paused changes nothing.
    resume: async (name) =>
      change(
        name,
        "UPDATE tidegate_engine.schedules SET ticked_until = CASE WHEN is_paused THEN $2 ELSE ticked_until END, is_paused = false WHERE name = $1",
        [deps.clock.now()],
      ),
    runNow: async (name, { by }) => {
      const row = (await readSchedules(pool)).find((one) => one.name === name);
      if (row === undefined)
        throw new ScheduleUnknown({ schedule: name, known: (await readSchedules(pool)).map((one) => one.name) });
      return { runId: (await deps.start(scheduleOf(row), { by })).runId };
    },
  };
}

async function storeSchedule(pool: Pool, schedule: Schedule, now: Date): Promise<void> {
  await queryRows(
    pool,
    `INSERT INTO tidegate_engine.schedules (name, operation, input, cron, time_zone, missed, lock_wait_ms, ticked_until)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (name) DO UPDATE SET operation = excluded.operation, input = excluded.input, cron = excluded.cron, time_zone = excluded.time_zone,
       missed = excluded.missed, lock_wait_ms = excluded.lock_wait_ms,
       -- A new rhythm begins now; an unchanged one keeps what it has not done yet.
       ticked_until = CASE WHEN (schedules.cron, schedules.time_zone) = (excluded.cron, excluded.time_zone) THEN schedules.ticked_until ELSE excluded.ticked_until END`,
    [
      schedule.name,
      schedule.operation,
      encode(schedule.input, { what: "The input of the schedule" }),
      schedule.cron,
      schedule.timeZone,
      schedule.missed,
      schedule.lockWaitMs,
      now,
    ],
  );
}

function viewOf(row: ScheduleRow, now: Date): ScheduleView {
  const schedule = scheduleOf(row);
  return {
    ...schedule,
    isPaused: row.is_paused,
    lastTick: row.last_tick,
    lastRunId: row.last_run_id,
    nextTick: row.is_paused ? null : nextTick(schedule, now),
    lastError: row.last_error,
  };
}
