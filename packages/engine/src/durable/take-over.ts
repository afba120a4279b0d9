// Looks for executors whose lock is free, and hands their runs to whoever has their operations.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { queueOf, type RunAttributes } from "../flow/run-request.ts";
import { LOCK_CLASS, type ExecutorLock } from "./executor-lock.ts";

export interface TakenOver {
  readonly from: string;
  readonly runs: readonly string[];
}

/**
 * One sweep. The dead executor's lock is held while its runs are handed on, so two survivors never do it at once; a survivor that dies
 * in the middle frees it again, and the next one starts over. Handing on is harmless when repeated: only PENDING runs of that executor are touched.
 */
export async function takeOver(
  lock: ExecutorLock,
  beforeHandingOn: (runs: readonly string[]) => Promise<void>,
): Promise<readonly TakenOver[]> {
  const others = await lock.query<{ id: string; number: string }>(
    "SELECT id, number FROM tidegate_engine.executors WHERE number <> $1 ORDER BY number",
    [lock.number],
  );
  const taken: TakenOver[] = [];
  for (const other of others) {
    const key = [LOCK_CLASS, Number(other.number)];
    const [tried] = await lock.query<{ free: boolean }>("SELECT pg_try_advisory_lock($1::int, $2::int) AS free", key);
    if (tried?.free !== true) continue;
    try {
      const runs = await handOn(other.id, beforeHandingOn);
      await lock.query("DELETE FROM tidegate_engine.executors WHERE number = $1", [other.number]);
      taken.push({ from: other.id, runs });
    } finally {
      await lock.query("SELECT pg_advisory_unlock($1::int, $2::int)", key);
    }
  }
  return taken;
}

/** Puts the runs of an executor that no longer works on them into the queues of their operations; gives their ids. */
async function handOn(
  executor: string,
  beforeHandingOn: (runs: readonly string[]) => Promise<void>,
): Promise<readonly string[]> {
  const pending = await DBOS.listWorkflows({
    executorId: executor,
    status: "PENDING",
    loadInput: false,
    loadOutput: false,
  });
  if (pending.length === 0) return [];
  await beforeHandingOn(pending.map((one) => one.workflowID));
  const byQueue = Map.groupBy(pending, (one) => {
    // Written by startRun alone.
    const attributes = one.attributes as unknown as RunAttributes;
    return queueOf({ name: attributes.operation, version: attributes.version });
  });
  for (const [queueName, runs] of byQueue)
    await DBOS.resumeWorkflows(
      runs.map((one) => one.workflowID),
      { queueName },
    );
  return pending.map((one) => one.workflowID);
}
