// A child: a run of its own, begun by a step of its parent. Its outcome is in its own journal, so the parent records only that it began.
import { validateInput } from "../operation/validate-input.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { durableStep, type DurableDeps } from "./durable-step.ts";
import type { Execution } from "../flow/execution.ts";
import type { ChildEnd } from "../flow/journal.ts";
import type { RunRequest } from "../flow/run-request.ts";

export interface ChildDeps extends DurableDeps {
  /** Starts the run, attaches to it when it is there, retries it when it ended without success. */
  readonly startChild: (request: RunRequest) => Promise<void>;
  /** Waits for the end of a run; rejects when the signal aborts. */
  readonly outcomeOf: (runId: string, signal: AbortSignal) => Promise<ChildEnd>;
  readonly cancelRun: (runId: string, by: string) => Promise<void>;
}

/** Gives the child's end. */
export async function durableChild(
  deps: ChildDeps,
  execution: Execution,
  call: { readonly operation: AnyOperation; readonly input: unknown; readonly key: string },
): Promise<ChildEnd> {
  const request = childRequest(execution.request, call, deps.clock.now());
  const { outcome } = await durableStep(deps, execution, {
    kind: "child",
    name: call.key,
    effect: async () => {
      await deps.startChild(request);
      return request.runId;
    },
  });
  if ("error" in outcome) throw outcome.error;
  if (execution.cancel.aborted) await deps.cancelRun(request.runId, execution.request.by);
  else execution.onCancel(() => void deps.cancelRun(request.runId, execution.request.by).catch(deps.giveUp));
  return deps.outcomeOf(request.runId, execution.halt);
}

export function childRequest(
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
