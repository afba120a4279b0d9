// What destroys needs the consent of a person who typed the target's name, or of a contract.
import { BY_CONTRACT, type StartOptions } from "../control/engine.ts";
import { ConfirmationMissing } from "../errors/plan-errors.ts";
import { destroys, type PlanDraft } from "./plan.ts";

/** Throws ConfirmationMissing. */
export function assertConfirmed(draft: PlanDraft, confirm: StartOptions["confirm"]): void {
  if (!destroys(draft) || confirm === BY_CONTRACT || confirm === draft.target) return;
  const steps = draft.steps.filter((step) => step.destroys).map((step) => step.name);
  throw new ConfirmationMissing({ target: draft.target, given: confirm, steps });
}
