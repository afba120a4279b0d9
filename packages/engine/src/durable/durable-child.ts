// A child: a run of its own, begun by a step of its parent. Its outcome is in its own journal, so the parent records only that it began.
import { validateInput } from "../operation/validate-input.ts";
import type { AnyOperation } from "../operation/operation.ts";
import type { RunOutcome } from "../control/engine.ts";
import { durableStep, type DurableDeps } from "./durable-step.ts";
import type { Execution } from "./execution.ts";
import { cancelReason } from "./durable-wait.ts";
import type { RunRequest } from "./run-request.ts";

export interface ChildDeps extends DurableDeps {
  /** Starts the run, attaches to it when it is there, retries it when it ended without success. */
  readonly startChild: (request: RunRequest) => Promise<void>;
  /** Waits for the end of a run; rejects when the signal aborts. */
  readonly outcomeOf: (
    runId: string,
    signal: AbortSignal,
  ) => Promise<{ readonly at: Date; readonly outcome: RunOutcome }>;
  readonly cancelRun: (runId: string, by: string) => Promise<void>;
}

/** Gives the child's result; throws its error, or RunCancelled. */
export async function durableChild(
  deps: ChildDeps,
  execution: Execution,
  call: { readonly operation: AnyOperation; readonly input: unknown; readonly key: string },
): Promise<{ readonly at: Date; readonly value: unknown }> {
  const request = childRequest(execution.request, call, deps.clock.now());
  await durableStep(deps, execution, {
    kind: "child",
    name: call.key,
    effect: async () => {
      await deps.startChild(request);
      return request.runId;
    },
  });
  if (execution.cancel.aborted) await deps.cancelRun(request.runId, execution.request.by);
  else execution.onCancel(() => void deps.cancelRun(request.runId, execution.request.by).catch(deps.giveUp));
  const { at, outcome } = await deps.outcomeOf(request.runId, execution.halt);
  if (outcome.state === "succeeded") return { at, value: outcome.result };
  if (outcome.state === "failed") throw outcome.error;
  throw cancelReason(execution);
}

function childRequest(
  parent: RunRequest,
  { operation, input, key }: { readonly operation: AnyOperation; readonly input: unknown; readonly key: string },
  createdAt: Date,
): RunRequest {
  const lock = operation.lock(validateInput(operation, input)) ?? null;
  return {
    runId: `${parent.runId}.${key}`,
    operation: operation.name,
    version: operation.version,
    title: operation.title,
    input,
    by: parent.by,
    reason: parent.reason,
    key: null,
    lock,
    lockWaitMs: parent.lockWaitMs,
    planId: null,
    parentId: parent.runId,
    ancestors: [...parent.ancestors, parent.runId],
    createdAt,
  };
}
