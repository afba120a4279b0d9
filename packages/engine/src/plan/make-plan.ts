// From an operation's name and an input to a plan, and from a plan to the certainty that it still holds.
import { randomBytes } from "node:crypto";
import type { Clock } from "@tidegate/kernel";
import { PlanStale } from "../errors/plan-errors.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { validateInput } from "../operation/validate-input.ts";
import { changesBetween } from "./compare-plans.ts";
import { comparable, planDigest } from "./digest.ts";
import { draftPlan } from "./draft-plan.ts";
import { observe } from "./observe.ts";
import type { Plan } from "./plan.ts";

export interface MakePlanFacts {
  /** As given. */
  readonly input: unknown;
  readonly by: string;
  readonly signal?: AbortSignal;
}

/** Validates, observes, plans. Throws InputInvalid, ObservationFailed, OperationInvalid. */
export async function makePlan(operation: AnyOperation, facts: MakePlanFacts, clock: Clock): Promise<Plan> {
  const input = validateInput(operation, facts.input);
  const observation = await observe(operation, input, {
    clock,
    ...(facts.signal === undefined ? {} : { signal: facts.signal }),
  });
  const draft = draftPlan(operation, input, observation);
  const { name, version } = operation;
  const made = { operation: name, version, input: facts.input, observation, draft };
  return {
    id: `plan-${randomBytes(6).toString("hex")}`,
    ...made,
    digest: planDigest(made, operation.volatile),
    createdBy: facts.by,
    createdAt: clock.now(),
  };
}

/** Throws PlanStale, with each place that changed. */
export function assertHolds(
  operation: AnyOperation,
  planned: Plan,
  now: Pick<Plan, "operation" | "version" | "input" | "observation" | "draft">,
): void {
  const { volatile } = operation;
  if (planDigest(now, volatile) === planned.digest) return;
  const changes = changesBetween(comparable(planned, volatile), comparable(now, volatile));
  throw new PlanStale({ planId: planned.id, operation: operation.name, changes });
}
