// Why a plan is not applied.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class PlanUnknown extends TidegateError {
  override readonly name = "PlanUnknown";
  constructor(facts: { readonly planId: string }) {
    super({
      code: "engine.plan-unknown",
      message: `There is no plan ${facts.planId}. Nothing was started.`,
      remedy: "Make one with `tidegate <operation> plan`.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

/** One place in which the world, or the code, is no longer what the plan was made of. */
export interface PlanChange {
  /** `observation.services.ender.image`, `steps[2].change`, `version`. */
  readonly path: string;
  /** JSON, cut at 200 characters; undefined where there was nothing. */
  readonly planned?: string | undefined;
  readonly now?: string | undefined;
}

export class PlanStale extends TidegateError {
  override readonly name = "PlanStale";
  readonly changes: readonly PlanChange[];
  constructor(facts: { readonly planId: string; readonly operation: string; readonly changes: readonly PlanChange[] }) {
    const shown = facts.changes
      .slice(0, 5)
      .map((one) => `${one.path}: ${one.planned ?? "nothing"} → ${one.now ?? "nothing"}`);
    const more = facts.changes.length > 5 ? `; and ${facts.changes.length - 5} more` : "";
    super({
      code: "engine.plan-stale",
      message: `Plan ${facts.planId} no longer holds: ${shown.join("; ")}${more}. Nothing was changed.`,
      remedy: `Make a new plan with \`tidegate ${facts.operation} plan\` and look at it.`,
      details: { planId: facts.planId, changes: facts.changes },
      blame: "user",
      exit: EXIT.failed,
    });
    this.changes = facts.changes;
  }
}

export class ConfirmationMissing extends TidegateError {
  override readonly name = "ConfirmationMissing";
  constructor(facts: {
    readonly target: string;
    readonly given?: string | undefined;
    readonly steps: readonly string[];
  }) {
    const given = facts.given === undefined ? "was not given" : `was "${facts.given}"`;
    super({
      code: "engine.confirmation-missing",
      message: `The plan destroys data (${facts.steps.join(", ")}) and the confirmation ${given}. Nothing was changed.`,
      remedy: `Confirm with the name of the target: --confirm="${facts.target}".`,
      details: facts,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class ObservationFailed extends TidegateError {
  override readonly name = "ObservationFailed";
  constructor(facts: { readonly operation: string; readonly reason: string; readonly cause?: unknown }) {
    const known = facts.cause instanceof TidegateError ? facts.cause : undefined;
    super({
      code: "engine.observation-failed",
      message: `${facts.operation} could not be planned: ${facts.reason}. Nothing was changed.`,
      remedy: known?.remedy ?? "See what it could not read, then plan again.",
      details: { operation: facts.operation },
      cause: facts.cause,
      retry: known?.retry ?? "later",
      blame: known?.blame ?? "dependency",
      exit: known?.exit ?? EXIT.failed,
    });
  }
}
