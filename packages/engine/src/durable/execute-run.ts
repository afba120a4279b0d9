// The workflow: one execution of a run by this executor, and what follows once DBOS has recorded its end.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { describeError } from "@tidegate/kernel";
import { encode } from "../journal/codec.ts";
import { toEventError } from "../journal/to-event-error.ts";
import { assertHolds } from "../plan/make-plan.ts";
import { comparable, digestOf } from "../plan/digest.ts";
import { draftPlan } from "../plan/draft-plan.ts";
import { observe } from "../plan/observe.ts";
import { loadPlan } from "../plan/store-plan.ts";
import { claimRun } from "./claim-run.ts";
import type { EngineDeps } from "./engine-deps.ts";
import { createExecution, never, type Execution } from "./execution.ts";
import { freeLocks } from "./locks.ts";
import { encodePlan } from "./observed-plan.ts";
import { outcomeWhenEnded } from "./outcome-when-ended.ts";
import { outsideFlow } from "./outside-flow.ts";
import { readEnding, recordEnding } from "./run-ending.ts";
import { runFlow, type FlowDeps } from "./run-flow.ts";
import { decodeRequest } from "./run-request.ts";
import { beginRun } from "./begin-run.ts";
import { requestCancel } from "./request-cancel.ts";
import { retryRun } from "./retry-run.ts";
import { steadily } from "./steadily.ts";

export async function executeRun(deps: EngineDeps, text: string): Promise<string> {
  const request = decodeRequest(text);
  const { runId } = request;
  const claim = await steadily(deps.giveUp, () =>
    claimRun(deps.pool, { runId, executor: deps.executor, lockWaitMs: request.lockWaitMs }),
  );
  // DBOS parks what throws without owning its run.
  if (claim === undefined) throw new Error(`Run ${runId} is another executor's now.`);
  const operation = deps.registry.version(request.operation, request.version);
  if (operation === undefined)
    throw new Error(`${request.operation}@${request.version} came to an executor without it.`);

  deps.projector.know(request, encode(request.input, { what: "The input" }));
  const now = (): Date => deps.clock.now();
  const execution = createExecution({ request, claim, halt: deps.halt, emit: deps.emit, now });
  deps.executions.set(runId, execution);
  execution.emit("run.executing", { executor: deps.executor, fence: claim.token, isResumed: claim.token > 1 });
  const end = await runFlow(flowDeps(deps, execution), execution, { operation, claim });
  if (deps.halt.aborted) return never();
  outsideFlow(async () => afterEnd(deps, execution)).catch(deps.giveUp);
  return recordEnding(end, { what: `The result of ${request.operation}`, at: now(), secrets: deps.secrets });
}

function flowDeps(deps: EngineDeps, execution: Execution): FlowDeps {
  return {
    pool: deps.pool,
    clock: deps.clock,
    secrets: deps.secrets,
    giveUp: deps.giveUp,
    confirmHeld: deps.lock.confirm,
    observePlan: async (operation, { input, planId, signal }) => {
      const observation = await observe(operation, input, { clock: deps.clock, signal });
      const draft = draftPlan(operation, input, observation);
      const made = {
        operation: operation.name,
        version: operation.version,
        input: execution.request.input,
        observation,
        draft,
      };
      if (planId !== null) assertHolds(operation, await loadPlan(deps.pool, planId), made);
      const digest = digestOf(comparable(made, operation.volatile));
      execution.emit("run.observed", { digest }, { result: encodePlan(draft) });
      return { observation, draft, digest };
    },
    startChild: async (request) => startChild(deps, request),
    outcomeOf: async (runId, signal) => outsideFlow(() => outcomeWhenEnded(deps, runId, signal)),
    cancelRun: async (runId, by) =>
      outsideFlow(() => requestCancel(deps, runId, { by, reason: "its parent was cancelled" })),
  };
}

async function startChild(deps: EngineDeps, request: Parameters<typeof beginRun>[1]): Promise<void> {
  return outsideFlow(async () => {
    const workflow = await DBOS.getWorkflowStatus(request.runId);
    const ending = workflow === null ? undefined : readEnding(workflow);
    // The parent is retried from this child: the child goes on from where it failed.
    if (ending !== undefined && ending.end.state !== "succeeded") {
      await retryRun(deps, request.runId, { by: request.by, lockWaitMs: request.lockWaitMs });
    } else {
      await beginRun(deps, request);
    }
  });
}

/** Only what DBOS has recorded is told, and only then is the lock free. A kill before leaves both to the sweep. */
async function afterEnd(deps: EngineDeps, execution: Execution): Promise<void> {
  const { runId } = execution.request;
  for (let waitMs = 2; !deps.halt.aborted; waitMs = Math.min(waitMs * 2, 500)) {
    await deps.clock.sleep(waitMs);
    const workflow = await DBOS.getWorkflowStatus(runId).catch(() => null);
    if (workflow === null) continue;
    const ending = readEnding(workflow);
    if (ending === undefined) {
      // Retried, or taken over, before we looked.
      if (workflow.executorId !== deps.executor || workflow.status !== "PENDING") return forget(deps, execution);
      continue;
    }
    const { end } = ending;
    if (end.state === "succeeded") execution.emit("run.succeeded", {}, { result: end.text });
    else if (end.state === "cancelled") execution.emit("run.cancelled", { undone: end.undone });
    else execution.emit("run.failed", { error: toEventError(end.error, deps.secrets) });
    forget(deps, execution);
    await freeLocks(deps.pool, runId).catch((error: unknown) => {
      // The sweep frees it in a second.
      deps.emit({
        code: "engine.trouble",
        at: deps.clock.now(),
        runId: null,
        step: null,
        data: { task: "freeing a lock", error: toEventError(describeError(error), deps.secrets) },
      });
    });
    return;
  }
}

function forget(deps: EngineDeps, execution: Execution): void {
  const { runId } = execution.request;
  if (deps.executions.get(runId) === execution) deps.executions.delete(runId);
}
