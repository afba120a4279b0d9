// Puts runs that nobody works on back into the queues of their operations.
import { queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import { QUEUE_PREFIX, WORKFLOW_NAME } from "../flow/run-request.ts";

/** Whose runs: an executor's that is gone; of no executor that there is; our own that never came to be executed, by the owner that DBOS gave each. */
export type Abandoned =
  | { readonly of: "executor"; readonly executor: string }
  | { readonly of: "nobody" }
  | { readonly of: "ourselves"; readonly executor: string; readonly owners: readonly string[] };

export interface HandedOn {
  readonly id: string;
  readonly executor: string;
}

/** A sweep does not stand behind somebody else's lock for longer; the next one is a second away. */
export const SWEEP_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'";

/**
 * One statement decides and changes: a row is handed on only while it is PENDING and of the executor that is gone, so a survivor that was
 * stopped before it takes nothing from whoever has the run by then, and a cancelled run stays cancelled. DBOS's own `resumeWorkflows` asks
 * for neither (5.3.0: everything but SUCCESS and ERROR), and waits for every row's lock; the columns set here are those that it sets, which
 * hand-on.parts.test.ts compares. A row that is locked (a record or a claim is being committed, or its process was stopped in the middle)
 * is left to the next sweep, and holds up no other.
 */
export async function handOn(pool: Pool, abandoned: Abandoned): Promise<readonly HandedOn[]> {
  return withTransaction(pool, async (client) => {
    await queryRows(client, SWEEP_LOCK_TIMEOUT);
    const { where, values } = condition(abandoned);
    const runs = await queryRows<HandedOn>(
      client,
      `SELECT workflow_uuid AS id, executor_id AS executor FROM dbos.workflow_status w
        WHERE status = 'PENDING' AND name = $1 AND ${where} FOR NO KEY UPDATE OF w SKIP LOCKED`,
      [WORKFLOW_NAME, ...values],
    );
    if (runs.length === 0) return [];
    const ids = runs.map((run) => run.id);
    if (abandoned.of !== "ourselves") await countFruitless(client, ids);
    await queryRows(
      client,
      `UPDATE dbos.workflow_status SET status = 'ENQUEUED', owner_xid = NULL, queue_name = ${QUEUE}, recovery_attempts = 0,
         workflow_deadline_epoch_ms = NULL, deduplication_id = NULL, started_at_epoch_ms = NULL,
         updated_at = (EXTRACT(EPOCH FROM now()) * 1000)::bigint, completed_at = NULL
       WHERE workflow_uuid = ANY($1)`,
      [ids],
    );
    return runs;
  });
}

function condition(abandoned: Abandoned): { readonly where: string; readonly values: readonly unknown[] } {
  switch (abandoned.of) {
    case "executor":
      return { where: "executor_id = $2", values: [abandoned.executor] };
    case "nobody":
      return {
        where: "NOT EXISTS (SELECT FROM tidegate_engine.executors e WHERE e.id = w.executor_id)",
        values: [],
      };
    case "ourselves":
      return { where: "executor_id = $2 AND owner_xid = ANY($3)", values: [abandoned.executor, abandoned.owners] };
    default:
      return abandoned satisfies never;
  }
}

/** queueOf, in SQL: the attributes are written by launchDbos alone. */
const QUEUE = `'${QUEUE_PREFIX}' || (attributes ->> 'operation') || '@' || (attributes ->> 'version')`;

/**
 * An executor that died in the middle of a step may have died of it: counted, until a step is newly recorded. Waiting runs are innocent.
 * A claim that is locked is not counted: nothing here may wait.
 */
async function countFruitless(client: PoolClient, runs: readonly string[]): Promise<void> {
  await queryRows(
    client,
    `UPDATE tidegate_engine.claims c SET
       fruitless_claims = CASE WHEN s.steps > c.recorded_steps THEN 1 ELSE c.fruitless_claims + 1 END, recorded_steps = s.steps
     FROM tidegate_engine.runs r, LATERAL (SELECT count(*)::int AS steps FROM dbos.operation_outputs o WHERE o.workflow_uuid = r.id) s
     WHERE r.id = c.run_id AND r.state = 'running'
       AND c.run_id IN (SELECT run_id FROM tidegate_engine.claims WHERE run_id = ANY($1) FOR NO KEY UPDATE SKIP LOCKED)`,
    [runs],
  );
}
