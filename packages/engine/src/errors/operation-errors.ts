// What is wrong with an operation, or with what was given to it.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class OperationInvalid extends TidegateError {
  override readonly name = "OperationInvalid";
  constructor(facts: {
    readonly operation: string;
    readonly problem: string;
    readonly details?: Record<string, unknown>;
  }) {
    super({
      code: "engine.operation-invalid",
      message: `The operation "${facts.operation}" is not well declared: ${facts.problem}.`,
      remedy: "Correct its code.",
      details: { operation: facts.operation, ...facts.details },
    });
  }
}

export class OperationUnknown extends TidegateError {
  override readonly name = "OperationUnknown";
  constructor(facts: {
    readonly operation: string;
    readonly known: readonly string[];
    readonly closest?: string | undefined;
  }) {
    super({
      code: "engine.operation-unknown",
      message: `There is no operation "${facts.operation}". Nothing was started.`,
      remedy: `${facts.closest === undefined ? "" : `Did you mean "${facts.closest}"? `}There are: ${facts.known.join(", ")}.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export interface InputProblem {
  /** Where: `targets[2].weight`, `(input)` for the whole. */
  readonly path: string;
  /** What was there, as JSON, cut at 80 characters; undefined when nothing was. */
  readonly value?: string | undefined;
  /** What is allowed: "must be a whole number from 1 to 100". */
  readonly problem: string;
}

export class InputInvalid extends TidegateError {
  override readonly name = "InputInvalid";
  readonly problems: readonly InputProblem[];
  constructor(facts: { readonly of: string; readonly problems: readonly InputProblem[] }) {
    const lines = facts.problems.map(
      (one) => `${one.path}${one.value === undefined ? "" : ` = ${one.value}`}: ${one.problem}`,
    );
    super({
      code: "engine.input-invalid",
      message: `The input of ${facts.of} is not usable. ${lines.join("; ")}. Nothing was started.`,
      remedy: "Correct it where it was given.",
      details: { of: facts.of, problems: facts.problems },
      blame: "user",
      exit: EXIT.usage,
    });
    this.problems = facts.problems;
  }
}

/** A step name that is used twice, empty, or kept for the engine. */
export class StepNameInvalid extends TidegateError {
  override readonly name = "StepNameInvalid";
  constructor(facts: { readonly step: string; readonly problem: string }) {
    super({
      code: "engine.step-name-invalid",
      message: `The step name "${facts.step}" cannot be used: ${facts.problem}.`,
      remedy: "Give every step, wait and child of a run a name of its own; in a loop, put the item's name into it.",
      details: facts,
    });
  }
}

/** A branch of `all` made more, or other, durable calls than its one. */
export class BranchInvalid extends TidegateError {
  override readonly name = "BranchInvalid";
  constructor(facts: { readonly all: string; readonly branch: number; readonly problem: string }) {
    super({
      code: "engine.branch-invalid",
      message: `Branch ${facts.branch} of "${facts.all}" ${facts.problem}.`,
      remedy: "Make exactly one durable call in each branch, at once; put more steps into a child operation.",
      details: facts,
    });
  }
}

/** The journal has another step in this place: the code changed while the run was in flight. */
export class FlowChanged extends TidegateError {
  override readonly name = "FlowChanged";
  constructor(facts: { readonly operation: string; readonly runId: string; readonly cause?: unknown }) {
    super({
      code: "engine.flow-changed",
      message: `The steps of ${facts.operation} are not those that run ${facts.runId} recorded: its code changed, or does not give the same steps each time.`,
      remedy:
        "Raise the operation's version when its steps change, and keep the old version registered until its runs have ended. Retry this run from its first step, or start a new one.",
      details: { operation: facts.operation, runId: facts.runId },
      cause: facts.cause,
    });
  }
}

/** What was to be recorded cannot be, exactly; or must not be, because it is secret. */
export class NotRecordable extends TidegateError {
  override readonly name = "NotRecordable";
  constructor(facts: { readonly what: string; readonly path: string; readonly problem: string }) {
    super({
      code: "engine.not-recordable",
      message: `${facts.what} cannot be recorded: ${facts.path} ${facts.problem}.`,
      remedy:
        "Return plain data: objects, arrays, text, numbers, bigints, dates, bytes. Name a secret, never carry it.",
      details: facts,
    });
  }
}
