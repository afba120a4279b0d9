// The flow of a run: lock, observe, do what the plan says, and undo it when the run is cancelled.
import { TidegateError } from "@tidegate/kernel";
import { CompensationFailed, NOT_UNDONE } from "../errors/run-errors.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { validateInput } from "../operation/validate-input.ts";
import { createRunContext, type Undo } from "./create-run-context.ts";
import { never, type Execution } from "./execution.ts";
import type { FlowDeps } from "./journal.ts";

export type FlowEnd =
  | { readonly state: "succeeded"; readonly value: unknown }
  | { readonly state: "failed"; readonly error: unknown }
  /** `told`: how everything was left, as `whenCancelled` said it. */
  | { readonly state: "cancelled"; readonly undone: readonly string[]; readonly told: readonly string[] };

/** Never throws: every end of a flow is a FlowEnd. */
export async function runFlow(deps: FlowDeps, execution: Execution, operation: AnyOperation): Promise<FlowEnd> {
  const { request } = execution;
  const { context, gate, undos } = createRunContext(deps.journal, execution);
  try {
    await deps.takeLock();
    const input = validateInput(operation, request.input);
    const { outcome } = await gate.pass("observe", () =>
      deps.journal.step({
        kind: "step",
        name: "observe",
        effect: async ({ signal }) => deps.observePlan(operation, { input, signal }),
        options: { retry: { attempts: 3, baseMs: 200 } },
      }),
    );
    if ("error" in outcome) throw outcome.error;
    // Recorded by the effect above.
    const observed = outcome.value as Awaited<ReturnType<FlowDeps["observePlan"]>>;
    const value = await operation.run(context, { input, observation: observed.observation, plan: observed.draft });
    gate.close();
    return { state: "succeeded", value };
  } catch (error) {
    await deps.confirmHeld();
    if (execution.halt.aborted) return never();
    if (!execution.cancel.aborted) return { state: "failed", error };
    const end = await undo(deps, execution, undos);
    // A child that could not be undone is not hidden behind the undoing of its parent.
    return end.state === "cancelled" && isNotUndone(error) ? { state: "failed", error } : end;
  }
}

/** Also as a child's journal gives it back, and inside what the flow made of it. */
function isNotUndone(error: unknown): boolean {
  if (error instanceof TidegateError && error.code === NOT_UNDONE) return true;
  return error instanceof Error && error.cause !== undefined && isNotUndone(error.cause);
}

/** The last finished step first. What cannot be undone ends the run as failed and says what is left. */
async function undo(deps: FlowDeps, execution: Execution, undos: readonly Undo[]): Promise<FlowEnd> {
  const left = undos.toSorted((a, b) => b.order - a.order);
  const undone: string[] = [];
  const told: string[] = [];
  for (const [index, one] of left.entries()) {
    const { outcome } = await deps.journal.step({
      kind: "undo",
      name: `undo:${one.step}`,
      effect: one.compensate,
      options: { retry: { attempts: 3, baseMs: 500 } },
      isCancellable: false,
    });
    if ("error" in outcome) {
      const names = left.slice(index).map((rest) => rest.step);
      const { runId } = execution.request;
      return {
        state: "failed",
        error: new CompensationFailed({ runId, step: one.step, left: names, cause: outcome.error }),
      };
    }
    if (one.kind === "undo") undone.push(one.step);
    else told.push(String(outcome.value));
  }
  return { state: "cancelled", undone, told };
}
