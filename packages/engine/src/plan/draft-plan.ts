// Asks an operation for its plan, and holds it to what a plan must be.
import { isDeepStrictEqual } from "node:util";
import { OperationInvalid } from "../errors/operation-errors.ts";
import { decode, encode } from "../journal/codec.ts";
import type { AnyOperation } from "../operation/operation.ts";
import { destroys, hasChanges, type PlanDraft } from "./plan.ts";

/** Throws OperationInvalid for a plan that is not pure, not complete, or more dangerous than declared. */
export function draftPlan(operation: AnyOperation, input: unknown, observation: unknown): PlanDraft {
  const fail = (problem: string): never => {
    throw new OperationInvalid({ operation: operation.name, problem });
  };
  const seen = encode(observation, { what: `What ${operation.name} observed` });
  const draft = operation.plan(input, decode(seen));
  if (!isDeepStrictEqual(operation.plan(input, decode(seen)), draft))
    fail("its plan is not pure: two calls gave two plans");
  if (draft.target.trim() === "" || draft.summary.trim() === "") fail("its plan needs a target and a summary");
  const names = draft.steps.map((step) => step.name);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) fail(`its plan has two steps "${doubled}"`);
  const mute = draft.steps.find((step) => step.change.trim() === "" || step.undo?.trim() === "");
  if (mute !== undefined) fail(`step "${mute.name}" of its plan does not say what it changes, or how it is undone`);
  if (operation.danger === "none" && hasChanges(draft)) fail("it is declared to change nothing and plans changes");
  if (operation.danger !== "destroys" && destroys(draft)) fail("it is not declared to destroy and plans to");
  return draft;
}
