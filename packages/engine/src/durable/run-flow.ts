// The flow of a run: lock, observe, do what the plan says, and undo it when the run is cancelled.
import { waitUntil } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";

import { CompensationFailed, LockHeld } from "../errors/run-errors.ts";
import { RunKeepsKilling } from "../errors/executor-errors.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { validateInput } from "../operation/validate-input.ts";
import type { PlanDraft } from "../plan/plan.ts";
import type { Claim } from "./claim-run.ts";
import { createRunContext, type Undo } from "./create-run-context.ts";
import type { ChildDeps } from "./durable-child.ts";
import { durableStep } from "./durable-step.ts";
import { never, type Execution } from "./execution.ts";
import { takeLock } from "./locks.ts";
import { steadily } from "./steadily.ts";

export interface FlowDeps extends ChildDeps {
  readonly pool: Pool;
  /** Observes, plans, and compares with the plan that the run was started with. Throws PlanStale, ObservationFailed. */
  readonly observePlan: (
    operation: AnyOperation,
    facts: { readonly input: unknown; readonly planId: string | null; readonly signal: AbortSignal },
  ) => Promise<{ readonly observation: unknown; readonly draft: PlanDraft; readonly digest: string }>;
}

export type FlowEnd =
  | { readonly state: "succeeded"; readonly value: unknown }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "cancelled"; readonly undone: readonly string[] };

/** Executors that may die in the same step of a run, one after the other, before the run is ended. */
const MAX_FRUITLESS_CLAIMS = 10;
const LOCK_POLL_MS = 250;

/** Never throws: every end of a flow is a FlowEnd. */
export async function runFlow(
  deps: FlowDeps,
  execution: Execution,
  facts: { readonly operation: AnyOperation; readonly claim: Claim },
): Promise<FlowEnd> {
  const { operation, claim } = facts;
  const { request } = execution;
  const { context, gate, undos } = createRunContext(deps, execution);
  try {
    if (claim.fruitlessClaims > MAX_FRUITLESS_CLAIMS) {
      throw new RunKeepsKilling({ runId: request.runId, takeovers: claim.fruitlessClaims });
    }
    if (request.lock !== null) await waitForLock(deps, execution, { lock: request.lock, until: claim.lockWaitUntil });
    const input = validateInput(operation, request.input);
    const { outcome } = await gate.pass("observe", () =>
      durableStep(deps, execution, {
        kind: "step",
        name: "observe",
        effect: async ({ signal }) => deps.observePlan(operation, { input, planId: request.planId, signal }),
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
    return execution.cancel.aborted ? undo(deps, execution, undos) : { state: "failed", error };
  }
}

async function waitForLock(
  deps: FlowDeps,
  execution: Execution,
  { lock, until }: { readonly lock: string; readonly until: Date },
): Promise<void> {
  const { request, emit, cancel, halt } = execution;
  const begunMs = deps.clock.now().getTime();
  let isTold = false;
  await waitUntil(
    async () => {
      const held = await steadily(deps.giveUp, () => takeLock(deps.pool, lock, request));
      if (held === "taken") return true;
      const now = deps.clock.now();
      if (now >= until) throw new LockHeld({ lock: held, now, waitedMs: now.getTime() - begunMs });
      if (!isTold) {
        emit("run.waiting-for-lock", {
          lock,
          holder: held.holder,
          holderRun: held.runId,
          until: until.toISOString(),
        });
      }
      isTold = true;
      return undefined;
    },
    {
      what: `The lock "${lock}" becoming free`,
      // The limit that counts is `until`: it is the run's, over all its executions.
      limitMs: until.getTime() - begunMs + 60_000,
      everyMs: LOCK_POLL_MS,
      remedy: "Look at `tidegate locks`.",
      signal: AbortSignal.any([cancel, halt]),
      clock: deps.clock,
    },
  );
  emit("run.lock-acquired", { lock });
}

/** The last finished step first. What cannot be undone ends the run as failed and says what is left. */
async function undo(deps: FlowDeps, execution: Execution, undos: readonly Undo[]): Promise<FlowEnd> {
  const left = undos.toSorted((a, b) => b.order - a.order);
  const undone: string[] = [];
  for (const [index, one] of left.entries()) {
    const { outcome } = await durableStep(deps, execution, {
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
    undone.push(one.step);
  }
  return { state: "cancelled", undone };
}
