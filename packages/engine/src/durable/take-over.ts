// Looks for executors whose lock is free, and hands their runs to whoever has their operations.
import type { Pool } from "@tidegate/postgres";
import { LOCK_CLASS, type ExecutorLock } from "./executor-lock.ts";
import { handOn, type HandedOn } from "./hand-on.ts";

export interface TakeoverDeps {
  readonly lock: ExecutorLock;
  readonly pool: Pool;
  /** Runs of that executor were handed on. */
  readonly handedOn: (from: string, runs: readonly string[]) => void;
  /** Stores what that executor could not tell any more. May fail, and is then called again by the next sweep. */
  readonly tellFor: (executor: string) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

interface Gone {
  readonly number: number;
  readonly id: string;
}

/**
 * One sweep: first every run is handed on, and only then is anything told, since telling waits for its turn behind all executors.
 * The dead executor's lock is held while its runs are handed on; a survivor that dies in the middle frees it again, and the next one starts
 * over, which is harmless (see handOn). The row of an executor goes last: as long as it is there, its runs are looked for.
 */
export async function takeOver(deps: TakeoverDeps): Promise<void> {
  const { lock, pool } = deps;
  const others = await lock.query<{ id: string; number: string }>(
    "SELECT id, number FROM tidegate_engine.executors WHERE number <> $1 ORDER BY number",
    [lock.number],
  );
  const gone: Gone[] = [];
  for (const { id, number: text } of others) {
    const number = Number(text);
    await whileFree(lock, number, async () => {
      gone.push({ number, id });
      tell(deps, await handOn(pool, { of: "executor", executor: id }));
    });
  }
  await takeOrphans(deps);
  for (const one of gone) await settle(deps, one);
}

/** No executor has these numbers. */
const ORPHANS = 0;
export const SCHEDULES = -1;

/**
 * Runs of an executor that was taken over already. The server may still have been at work on a COMMIT of it (its beginning or
 * picking up a run) when its lock was free: a session ends with its socket, a COMMIT that has arrived does not.
 */
async function takeOrphans(deps: TakeoverDeps): Promise<void> {
  await whileFree(deps.lock, ORPHANS, async () => tell(deps, await handOn(deps.pool, { of: "nobody" })));
}

function tell(deps: TakeoverDeps, handed: readonly HandedOn[]): void {
  for (const [from, runs] of Map.groupBy(handed, (run) => run.executor)) {
    deps.handedOn(
      from,
      runs.map((run) => run.id),
    );
  }
}

/** A run whose row was locked is still that executor's: then it is not done with. */
async function settle({ lock, tellFor, onTrouble }: TakeoverDeps, { number, id }: Gone): Promise<void> {
  try {
    await tellFor(id);
  } catch (error) {
    onTrouble(error);
    return;
  }
  await lock.query(
    `DELETE FROM tidegate_engine.executors WHERE number = $1
        AND NOT EXISTS (SELECT FROM dbos.workflow_status WHERE executor_id = $2 AND status = 'PENDING')`,
    [number, id],
  );
}

/** Does nothing where somebody else holds the number: an executor that lives, or a survivor that does the same. */
export async function whileFree(lock: ExecutorLock, number: number, work: () => Promise<void>): Promise<void> {
  const key = [LOCK_CLASS, number];
  const [tried] = await lock.query<{ free: boolean }>("SELECT pg_try_advisory_lock($1::int, $2::int) AS free", key);
  if (tried?.free !== true) return;
  try {
    await work();
  } finally {
    await lock.query("SELECT pg_advisory_unlock($1::int, $2::int)", key);
  }
}
