// What a run does first, under its lock: observe, plan, and see that the plan it was started with still holds.
import type { Clock } from "@tidegate/kernel";
import type { AnyOperation } from "../operation/operation.ts";
import { comparable, digestOf } from "./digest.ts";
import { draftPlan } from "./draft-plan.ts";
import { assertHolds } from "./make-plan.ts";
import { observe } from "./observe.ts";
import type { Plan, PlanDraft } from "./plan.ts";

/** Throws PlanStale, ObservationFailed, OperationInvalid. */
export async function observePlan(
  operation: AnyOperation,
  facts: {
    /** Parsed. */
    readonly input: unknown;
    /** As it was given, and as the plan has it. */
    readonly given: unknown;
    readonly planned: Plan | undefined;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly observation: unknown; readonly draft: PlanDraft; readonly digest: string }> {
  const { clock, signal } = facts;
  const observation = await observe(operation, facts.input, { clock, signal });
  const draft = draftPlan(operation, facts.input, observation);
  const { name, version } = operation;
  const made = { operation: name, version, input: facts.given, observation, draft };
  if (facts.planned !== undefined) assertHolds(operation, facts.planned, made);
  return { observation, draft, digest: digestOf(comparable(made, operation.volatile)) };
}
