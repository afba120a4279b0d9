// Locks: a row per held name, owned by the run and not by whoever executes it, so a takeover keeps it and the end of the run frees it.
import { queryRows, type Pool } from "@tidegate/postgres";
import type { LockView } from "../control/lock-view.ts";
import type { RunRequest } from "../flow/run-request.ts";

/** Takes the lock, or says who has it. A lock that the run, or a run above it, already holds is taken. */
export async function takeLock(pool: Pool, name: string, request: RunRequest): Promise<LockView | "taken"> {
  await queryRows(
    pool,
    "INSERT INTO tidegate_engine.locks (name, run_id, operation, holder, reason) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO NOTHING",
    [name, request.runId, request.operation, request.by, request.reason],
  );
  const lock = await readLock(pool, name);
  // Freed between the two statements: the caller comes back.
  if (lock === undefined) return takeLock(pool, name, request);
  return lock.runId === request.runId || request.ancestors.includes(lock.runId) ? "taken" : lock;
}

export async function readLock(pool: Pool, name: string): Promise<LockView | undefined> {
  return (await readLocks(pool, name))[0];
}

/** All locks, or the one of this name; oldest first. */
export async function readLocks(pool: Pool, name?: string): Promise<readonly LockView[]> {
  return queryRows<LockView>(
    pool,
    `SELECT name, run_id AS "runId", operation, holder, reason, acquired_at AS "acquiredAt"
       FROM tidegate_engine.locks WHERE $1::text IS NULL OR name = $1 ORDER BY acquired_at, name`,
    [name ?? null],
  );
}

/**
 * Frees the locks of ended runs: of one run, or of all. The condition is the run's end itself, so it can be called at any time by
 * anyone, and a run that was retried meanwhile keeps its lock.
 */
export async function freeLocks(pool: Pool, runId?: string): Promise<void> {
  await queryRows(
    pool,
    `DELETE FROM tidegate_engine.locks l USING dbos.workflow_status w
      WHERE w.workflow_uuid = l.run_id AND ($1::text IS NULL OR l.run_id = $1)
        AND w.status NOT IN ('PENDING', 'ENQUEUED', 'DELAYED')`,
    [runId ?? null],
  );
}
