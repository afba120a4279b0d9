// Looks for executors whose lock is free, and hands their runs to whoever has their operations.
import { DBOS, type WorkflowStatus } from "@dbos-inc/dbos-sdk";
import { queueOf, WORKFLOW_NAME, type RunAttributes } from "../flow/run-request.ts";
import { LOCK_CLASS, type ExecutorLock } from "./executor-lock.ts";

export interface TakenOver {
  readonly from: string;
  readonly runs: readonly string[];
}

export interface Heirs {
  /** Runs that are about to be handed on. */
  readonly beforeHandingOn: (runs: readonly string[]) => Promise<void>;
  /** Nothing of this executor goes on; ends of its runs that it could not tell are told now. */
  readonly afterHandingOn: (executor: string) => Promise<void>;
}

/**
 * One sweep. The dead executor's lock is held while its runs are handed on, so two survivors never do it at once; a survivor that dies
 * in the middle frees it again, and the next one starts over. Handing on is harmless when repeated: only PENDING runs of that executor are touched.
 */
export async function takeOver(lock: ExecutorLock, heirs: Heirs): Promise<readonly TakenOver[]> {
  const others = await lock.query<{ id: string; number: string }>(
    "SELECT id, number FROM tidegate_engine.executors WHERE number <> $1 ORDER BY number",
    [lock.number],
  );
  const taken: TakenOver[] = [];
  for (const other of others) {
    await whileFree(lock, Number(other.number), async () => {
      const runs = await handOn(await pendingRuns({ executorId: other.id }), heirs);
      await heirs.afterHandingOn(other.id);
      await lock.query("DELETE FROM tidegate_engine.executors WHERE number = $1", [other.number]);
      taken.push({ from: other.id, runs });
    });
  }
  return [...taken, ...(await takeOrphans(lock, heirs))];
}

/** No executor has this number. */
const ORPHANS = 0;

/**
 * Runs of an executor that was taken over already. The server may still have been at work on a COMMIT of it (its beginning or
 * picking up a run) when its lock was free: a session ends with its socket, a COMMIT that has arrived does not.
 */
async function takeOrphans(lock: ExecutorLock, heirs: Heirs): Promise<readonly TakenOver[]> {
  const find = async (): Promise<ReadonlyArray<{ id: string; executor: string }>> =>
    lock.query(
      `SELECT workflow_uuid AS id, executor_id AS executor FROM dbos.workflow_status w
        WHERE status = 'PENDING' AND name = $1 AND NOT EXISTS (SELECT FROM tidegate_engine.executors e WHERE e.id = w.executor_id)`,
      [WORKFLOW_NAME],
    );
  if ((await find()).length === 0) return [];
  const taken: TakenOver[] = [];
  await whileFree(lock, ORPHANS, async () => {
    for (const [executor, orphans] of Map.groupBy(await find(), (one) => one.executor)) {
      const runs = await handOn(await pendingRuns({ workflowIDs: orphans.map((one) => one.id) }), heirs);
      await heirs.afterHandingOn(executor);
      taken.push({ from: executor, runs });
    }
  });
  return taken;
}

/** Does nothing where somebody else holds the number: an executor that lives, or a survivor that does the same. */
async function whileFree(lock: ExecutorLock, number: number, work: () => Promise<void>): Promise<void> {
  const key = [LOCK_CLASS, number];
  const [tried] = await lock.query<{ free: boolean }>("SELECT pg_try_advisory_lock($1::int, $2::int) AS free", key);
  if (tried?.free !== true) return;
  try {
    await work();
  } finally {
    await lock.query("SELECT pg_advisory_unlock($1::int, $2::int)", key);
  }
}

async function pendingRuns(
  which: { readonly executorId: string } | { readonly workflowIDs: string[] },
): Promise<readonly WorkflowStatus[]> {
  return DBOS.listWorkflows({ ...which, status: "PENDING", loadInput: false, loadOutput: false });
}

/** Puts runs that nobody works on into the queues of their operations; gives their ids. */
async function handOn(pending: readonly WorkflowStatus[], heirs: Heirs): Promise<readonly string[]> {
  if (pending.length === 0) return [];
  const runs = pending.map((one) => one.workflowID);
  await heirs.beforeHandingOn(runs);
  const byQueue = Map.groupBy(pending, (one) => {
    // Written by launchDbos alone.
    const { operation, version } = one.attributes as unknown as RunAttributes;
    return queueOf({ name: operation, version });
  });
  for (const [queueName, ofQueue] of byQueue) {
    await DBOS.resumeWorkflows(
      ofQueue.map((one) => one.workflowID),
      { queueName },
    );
  }
  return runs;
}
