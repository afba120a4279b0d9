// Asks a run to end; the executor that has it does the rest.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { queryRows } from "@tidegate/postgres";
import { RunEnded, RunUnknown } from "../errors/run-errors.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { scrub } from "../journal/scrub.ts";
import { CHANNEL } from "../projection/store-rows.ts";
import { freeLocks } from "./locks.ts";
import { readEnding } from "./run-ending.ts";
import { refreshRuns } from "./refresh-runs.ts";
import type { RunAttributes } from "../flow/run-request.ts";

/** Throws RunUnknown, RunEnded. A run that no executor could ever work on is ended at once; nothing of it is undone. */
export async function requestCancel(
  deps: EngineDeps,
  runId: string,
  asked: { readonly by: string; readonly reason: string | null },
): Promise<void> {
  const workflow = await DBOS.getWorkflowStatus(runId);
  if (workflow === null) throw new RunUnknown({ runId });
  const ending = readEnding(workflow);
  if (ending !== undefined) throw new RunEnded({ runId, state: ending.end.state, asked: "cancelled" });
  await queryRows(
    deps.pool,
    `INSERT INTO tidegate_engine.claims (run_id, cancel_requested_at, cancel_by, cancel_reason) VALUES ($1, now(), $2, $3)
     ON CONFLICT (run_id) DO UPDATE SET cancel_requested_at = COALESCE(claims.cancel_requested_at, excluded.cancel_requested_at),
       cancel_by = COALESCE(claims.cancel_by, excluded.cancel_by), cancel_reason = COALESCE(claims.cancel_reason, excluded.cancel_reason)`,
    // Kept, and told: without what must never be seen.
    [runId, asked.by, asked.reason === null ? null : scrub(asked.reason, deps.secrets)],
  );
  await queryRows(deps.pool, "SELECT pg_notify($1, $2)", [CHANNEL, `cancel:${runId}`]);
  // Written by launchDbos alone.
  const { operation, version } = workflow.attributes as unknown as RunAttributes;
  const [served] = await queryRows<{ served: boolean }>(
    deps.pool,
    "SELECT EXISTS (SELECT FROM tidegate_engine.executors WHERE $1 = ANY (operations)) AS served",
    [`${operation}@${version}`],
  );
  if (served?.served === false) await endStranded(deps, runId);
}

async function endStranded(deps: EngineDeps, runId: string): Promise<void> {
  await DBOS.cancelWorkflow(runId);
  await freeLocks(deps.pool, runId);
  await refreshRuns(deps, [runId]);
}

/** Reads the requests for runs of this executor that no notification brought. */
export async function readCancels(deps: EngineDeps): Promise<void> {
  if (deps.executions.size === 0) return;
  const rows = await queryRows<{ run_id: string; cancel_by: string; cancel_reason: string | null }>(
    deps.pool,
    "SELECT run_id, cancel_by, cancel_reason FROM tidegate_engine.claims WHERE run_id = ANY($1) AND cancel_requested_at IS NOT NULL",
    [[...deps.executions.keys()]],
  );
  for (const row of rows) {
    deps.executions.get(row.run_id)?.requestCancel({ by: row.cancel_by, reason: row.cancel_reason });
  }
}
