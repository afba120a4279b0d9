// What a run does first, under its lock: observe, plan, and see that this is what was agreed to.
import type { Clock } from "@tidegate/kernel";
import type { RunRequest } from "../flow/run-request.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { assertConfirmed } from "./assert-confirmed.ts";
import { comparable, digestOf } from "./digest.ts";
import { draftPlan } from "./draft-plan.ts";
import { assertHolds } from "./make-plan.ts";
import { observe } from "./observe.ts";
import type { Plan, PlanDraft } from "./plan.ts";

export interface ObservedPlan {
  readonly observation: unknown;
  readonly draft: PlanDraft;
  readonly digest: string;
}

/**
 * A run that was started without an approved plan works by the one that it makes here: what it waited for may have changed the world.
 *
 * Throws PlanStale, ConfirmationMissing, ObservationFailed, OperationInvalid.
 */
export async function observePlan(
  operation: AnyOperation,
  facts: {
    /** Parsed. */
    readonly input: unknown;
    readonly request: Pick<RunRequest, "input" | "consent">;
    readonly planned: Plan | undefined;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  },
): Promise<ObservedPlan> {
  const { clock, signal } = facts;
  const { consent, input: given } = facts.request;
  const observation = await observe(operation, facts.input, { clock, signal });
  const draft = draftPlan(operation, facts.input, observation);
  const { name, version } = operation;
  const made = { operation: name, version, input: given, observation, draft };
  if (consent.to === "plan" && facts.planned !== undefined) assertHolds(operation, facts.planned, made);
  if (consent.to === "target") assertConfirmed(draft, consent.target ?? undefined);
  return { observation, draft, digest: digestOf(comparable(made, operation.volatile)) };
}
