// A child: a run of its own, begun by a step of its parent. Its outcome is in its own journal, so the parent records only that it began.
import type { AnyOperation } from "../operation/operation.ts";
import { RunEnded } from "../errors/run-errors.ts";
import { durableStep, type DurableDeps } from "./durable-step.ts";
import { childRequest } from "../flow/child-request.ts";
import type { Execution } from "../flow/execution.ts";
import type { ChildEnd } from "../flow/journal.ts";
import type { RunRequest } from "../flow/run-request.ts";
import { steadily } from "./steadily.ts";

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
  const cancelChild = async (): Promise<void> =>
    steadily(deps.giveUp, () => cancelUnlessEnded(deps, request, execution));
  if (execution.cancel.aborted) await cancelChild();
  else execution.onCancel(() => void cancelChild());
  // Of a run that is another's now, the waiting ends and is nobody's trouble.
  const giveUp = (error: unknown): void => {
    if (!execution.halt.aborted) deps.giveUp(error);
  };
  return steadily(giveUp, () => deps.outcomeOf(request.runId, execution.halt));
}

/** A parent may be cancelled long after its child has ended. */
async function cancelUnlessEnded(deps: ChildDeps, child: RunRequest, execution: Execution): Promise<void> {
  try {
    await deps.cancelRun(child.runId, execution.request.by);
  } catch (error) {
    if (!(error instanceof RunEnded)) throw error;
  }
}
