// The workflow: one execution of a run by this executor, and what follows once DBOS has recorded its end.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { describeError } from "@tidegate/kernel";
import { encode } from "../journal/codec.ts";
import { toEventError } from "../journal/to-event-error.ts";
import { observePlan } from "../plan/observe-plan.ts";
import { loadPlan } from "../plan/store-plan.ts";
import { claimRun, createFence, type Claim } from "./claim-run.ts";
import { durableChild, type ChildDeps } from "./durable-child.ts";
import { durableStep } from "./durable-step.ts";
import { durableWait } from "./durable-wait.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import { createExecution, never, type Execution } from "../flow/execution.ts";
import { freeLocks } from "./locks.ts";
import { encodePlan } from "./observed-plan.ts";
import { outcomeWhenEnded } from "./outcome-when-ended.ts";
import { outsideFlow } from "./outside-flow.ts";
import { readEnding, recordEnding } from "./run-ending.ts";
import { runFlow } from "../flow/run-flow.ts";
import type { FlowDeps } from "../flow/journal.ts";
import { decodeRequest, type RunRequest } from "../flow/run-request.ts";
import { beginRun } from "./begin-run.ts";
import { requestCancel } from "./request-cancel.ts";
import { retryRun } from "./retry-run.ts";
import { steadily } from "./steadily.ts";
import { waitForLock } from "./wait-for-lock.ts";
import { RunKeepsKilling } from "../errors/executor-errors.ts";

export async function executeRun(deps: EngineDeps, text: string): Promise<string> {
  const request = decodeRequest(text);
  const { runId } = request;
  deps.arriving.add(runId);
  const claim = await claimWhenFree(deps, request);
  deps.arriving.delete(runId);
  // DBOS parks what throws without owning its run.
  if (claim === undefined) throw new Error(`Run ${runId} is another executor's now.`);
  const operation = deps.registry.version(request.operation, request.version);
  if (operation === undefined)
    throw new Error(`${request.operation}@${request.version} came to an executor without it.`);

  deps.projector.know(request, encode(request.input, { what: "The input" }));
  const now = (): Date => deps.clock.now();
  const execution = createExecution({
    request,
    fence: createFence(runId, claim.token),
    recorded: claim.recorded,
    halt: deps.halt,
    emit: deps.emit,
    now,
    onDisplaced: (one) => forget(deps, one),
  });
  deps.executions.set(runId, execution);
  execution.emit("run.executing", { executor: deps.executor, fence: claim.token, isResumed: claim.token > 1 });
  // After it: a run that is resumed in its cancelling is shown as cancelling.
  if (claim.cancel !== null) execution.requestCancel(claim.cancel);
  const end = await runFlow(flowDeps(deps, execution, claim), execution, operation);
  if (execution.halt.aborted) return never();
  outsideFlow(async () => afterEnd(deps, execution)).catch(deps.giveUp);
  return recordEnding(end, { what: `The result of ${request.operation}`, at: now(), secrets: deps.secrets });
}

/** The server ends the statements of a process that is gone (createPool); until then the run waits, and this executor lives. */
async function claimWhenFree(deps: EngineDeps, { runId, lockWaitMs }: RunRequest): Promise<Claim | undefined> {
  for (;;) {
    const claim = await steadily(deps.giveUp, () =>
      claimRun(deps.pool, { runId, executor: deps.executor, lockWaitMs }),
    );
    if (claim !== "busy") return claim;
    if (deps.halt.aborted) return never();
    const error = toEventError(new Error(`Run ${runId} waits for an effect of the executor before.`), deps.secrets);
    deps.emit(eventOf(deps.clock, "engine.trouble", { task: "claiming a run", error }));
  }
}

/** Executors that may die in the same step of a run, one after the other, before the run is ended. */
const MAX_FRUITLESS_CLAIMS = 10;

function flowDeps(deps: EngineDeps, execution: Execution, claim: Claim): FlowDeps {
  const { clock, giveUp, pool } = deps;
  const { request } = execution;
  const confirmHeld = deps.lock.confirm;
  const calls: ChildDeps = {
    clock,
    get secrets() {
      return deps.secrets;
    },
    giveUp,
    confirmHeld,
    startChild: async (child) => startChild(deps, child),
    outcomeOf: async (runId, signal) => outsideFlow(() => outcomeWhenEnded(deps, runId, signal)),
    cancelRun: async (runId, by) =>
      outsideFlow(() => requestCancel(deps, runId, { by, reason: "its parent was cancelled" })),
  };
  return {
    clock,
    get secrets() {
      return deps.secrets;
    },
    confirmHeld,
    journal: {
      step: async (call) => durableStep(calls, execution, call),
      wait: async (wait) => durableWait(calls, execution, wait),
      child: async (call) => durableChild(calls, execution, call),
    },
    takeLock: async () => {
      if (claim.fruitlessClaims > MAX_FRUITLESS_CLAIMS) {
        throw new RunKeepsKilling({ runId: request.runId, takeovers: claim.fruitlessClaims });
      }
      if (request.lock === null) return;
      await waitForLock({ ...calls, pool }, execution, { lock: request.lock, until: claim.lockWaitUntil });
    },
    observePlan: async (operation, facts) => {
      const { planId } = request;
      const planned = planId === null ? undefined : await loadPlan(pool, planId);
      const observed = await observePlan(operation, { ...facts, request, planned, clock });
      execution.emit("run.observed", { digest: observed.digest }, { result: encodePlan(observed.draft) });
      return observed;
    },
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
    else if (end.state === "cancelled") execution.emit("run.cancelled", { undone: end.undone, told: end.told });
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
