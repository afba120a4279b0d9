// Runs an ended run again from a step on; what came before keeps its recorded results.
import { DBOS, type WorkflowStatus } from "@dbos-inc/dbos-sdk";
import { queryRows } from "@tidegate/postgres";
import { RunNotRetryable, RunUnknown, StepUnknown } from "../errors/run-errors.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import { open } from "../flow/envelope.ts";
import { readEnding } from "./run-ending.ts";
import { queueOf, type RunAttributes } from "../flow/run-request.ts";

interface Recorded {
  readonly position: number;
  readonly name: string;
  readonly isFailed: boolean;
}

export interface RetryOptions {
  readonly by: string;
  /** Default: the last failed step; for a cancelled run the first one that was undone, else where it was cancelled. */
  readonly from?: string | undefined;
  readonly lockWaitMs?: number | undefined;
}

/** Throws RunUnknown, RunNotRetryable, StepUnknown. */
export async function retryRun(deps: EngineDeps, runId: string, options: RetryOptions): Promise<void> {
  const workflow = await DBOS.getWorkflowStatus(runId);
  if (workflow === null) throw new RunUnknown({ runId });
  const ending = readEnding(workflow);
  if (ending === undefined || ending.end.state === "succeeded") {
    throw new RunNotRetryable({ runId, state: ending?.end.state ?? "unfinished" });
  }
  const steps = await recordedSteps(runId);
  const from = chooseStep(runId, steps, options.from);
  await queryRows(
    deps.pool,
    `UPDATE tidegate_engine.claims SET cancel_requested_at = NULL, cancel_by = NULL, cancel_reason = NULL, fruitless_claims = 0,
       lock_wait_until = now() + make_interval(secs => $2 / 1000.0) WHERE run_id = $1`,
    [runId, options.lockWaitMs ?? 0],
  );
  deps.projector.forget([runId]);
  await queryRows(deps.pool, "DELETE FROM tidegate_engine.steps WHERE run_id = $1 AND position >= $2", [
    runId,
    from.position,
  ]);
  deps.emit(eventOf(deps.clock, "run.retried", { by: options.by, from: from.name }, { runId }));
  await deps.projector.flush();
  deps.projector.forget([runId]);
  await DBOS.rewindWorkflow(runId, { startStep: from.position, queueName: queueFor(workflow) });
}

function queueFor(workflow: WorkflowStatus): string {
  // Written by launchDbos alone.
  const { operation, version } = workflow.attributes as unknown as RunAttributes;
  return queueOf({ name: operation, version });
}

async function recordedSteps(runId: string): Promise<readonly Recorded[]> {
  const steps = (await DBOS.listWorkflowSteps(runId)) ?? [];
  return steps.flatMap((step) => {
    const colon = step.name.indexOf(":");
    if (colon < 0) return [];
    const kind = step.name.slice(0, colon);
    const name = kind === "undo" ? step.name : step.name.slice(colon + 1);
    const message = steps.find((one) => one.functionID === step.functionID + 1 && one.name === "DBOS.recv")?.output;
    const isCancelledWait = typeof message === "string" && message.includes('"isCancel":true');
    const isFailed = typeof step.output === "string" && "error" in open(step.output).outcome;
    return [{ position: step.functionID, name, isFailed: isFailed || isCancelledWait }];
  });
}

/** What was undone must be done again, and where the run was cancelled it must go on: no later step can be the first. */
function chooseStep(runId: string, steps: readonly Recorded[], asked: string | undefined): Recorded {
  const flow = steps.filter((step) => !step.name.startsWith("undo:"));
  const undone = new Set(
    steps.filter((step) => step.name.startsWith("undo:")).map((step) => step.name.slice("undo:".length)),
  );
  const firstUndone = flow.find((step) => undone.has(step.name));
  const last = flow.at(-1);
  const end: Recorded = {
    position: (last?.position ?? -1) + (last === undefined ? 1 : 3),
    name: "the end",
    isFailed: false,
  };
  const byDefault = firstUndone ?? flow.findLast((step) => step.isFailed) ?? end;
  if (asked === undefined) return byDefault;
  const allowed = flow.filter((step) => step.position <= byDefault.position);
  const chosen = allowed.find((step) => step.name === asked);
  if (chosen === undefined) throw new StepUnknown({ runId, step: asked, known: allowed.map((step) => step.name) });
  return chosen;
}
