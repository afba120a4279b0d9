// Runs an ended run again from a call on; what came before keeps its recorded results.
import { DBOS, type WorkflowStatus } from "@dbos-inc/dbos-sdk";
import { queryRows, withTransaction } from "@tidegate/postgres";
import { RunNotRetryable, RunUnknown } from "../errors/run-errors.ts";
import { chooseRetryCall } from "../flow/choose-retry-call.ts";
import { queueOf, type RunAttributes } from "../flow/run-request.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import { readRecordedCalls } from "./read-recorded-calls.ts";
import { assertFinishable } from "./release-order.ts";
import { readEnding } from "./run-ending.ts";

export interface RetryOptions {
  readonly by: string;
  /** Default: see chooseRetryCall. */
  readonly from?: string | undefined;
  readonly lockWaitMs?: number | undefined;
}

/**
 * One retry of a run at a time, whichever executor is asked: the others are refused, and change nothing.
 *
 * Throws RunUnknown, RunNotRetryable, RunVersionGone, StepUnknown.
 */
export async function retryRun(deps: EngineDeps, runId: string, options: RetryOptions): Promise<void> {
  // The lock in the database is the executor's: it does not keep this executor from itself.
  if (deps.retrying.has(runId)) throw new RunNotRetryable({ runId, state: BUSY });
  deps.retrying.add(runId);
  try {
    const key = ["SELECT hashtextextended('tidegate_engine.retry:' || $1, 0)", [runId]] as const;
    const [lock] = await deps.lock.query<{ free: boolean }>(`SELECT pg_try_advisory_lock((${key[0]})) AS free`, key[1]);
    if (lock?.free !== true) throw new RunNotRetryable({ runId, state: BUSY });
    try {
      await retryAlone(deps, runId, options);
    } finally {
      await deps.lock.query(`SELECT pg_advisory_unlock((${key[0]}))`, key[1]);
    }
  } finally {
    deps.retrying.delete(runId);
  }
}

const BUSY = "being retried by somebody else";

async function retryAlone(deps: EngineDeps, runId: string, options: RetryOptions): Promise<void> {
  const workflow = await DBOS.getWorkflowStatus(runId);
  if (workflow === null) throw new RunUnknown({ runId });
  const ending = readEnding(workflow);
  if (ending === undefined || ending.end.state === "succeeded") {
    throw new RunNotRetryable({ runId, state: ending?.end.state ?? "unfinished" });
  }
  const { operation, version } = attributesOf(workflow);
  const run = { runId, operation, version };
  await withTransaction(deps.pool, async (client) => assertFinishable(client, run));
  const { calls, length } = await readRecordedCalls(runId);
  const error = ending.end.state === "failed" ? ending.end.error : null;
  const from = chooseRetryCall({ runId, calls, length, error }, options.from);
  await forgetFrom(deps, runId, { position: from.position, lockWaitMs: options.lockWaitMs });
  deps.emit(eventOf(deps.clock, "run.retried", { by: options.by, from: from.name }, { runId }));
  await deps.projector.flush();
  deps.projector.forget([runId]);
  await withTransaction(deps.pool, async (client) => {
    // Again, and until DBOS has it: a release that comes meanwhile looks for runs in flight after this.
    await assertFinishable(client, run);
    await DBOS.rewindWorkflow(runId, { startStep: from.position, queueName: queueOf({ name: operation, version }) });
  });
}

/** What the engine keeps of the calls that are done again, and of the cancel that ended the run. */
async function forgetFrom(
  deps: EngineDeps,
  runId: string,
  { position, lockWaitMs }: { readonly position: number; readonly lockWaitMs?: number | undefined },
): Promise<void> {
  await queryRows(
    deps.pool,
    `UPDATE tidegate_engine.claims SET cancel_requested_at = NULL, cancel_by = NULL, cancel_reason = NULL, fruitless_claims = 0,
       lock_wait_until = now() + make_interval(secs => $2 / 1000.0) WHERE run_id = $1`,
    [runId, lockWaitMs ?? 0],
  );
  deps.projector.forget([runId]);
  await queryRows(deps.pool, "DELETE FROM tidegate_engine.steps WHERE run_id = $1 AND position >= $2", [
    runId,
    position,
  ]);
}

/** Written by launchDbos alone. */
const attributesOf = (workflow: WorkflowStatus): RunAttributes => workflow.attributes as unknown as RunAttributes;
