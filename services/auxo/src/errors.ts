// Refusals and failures of Auxo's own.
import { EXIT, TidegateError, type TimedOut } from "@tidegate/kernel";

export class EventInvalid extends TidegateError {
  override readonly name = "EventInvalid";
  constructor(facts: { readonly problems: readonly string[] }) {
    super({
      code: "auxo.event-invalid",
      message: `The event was refused: ${facts.problems.join("; ")}. Nothing was done.`,
      remedy:
        "Send { upgrade_tag, prefix, region, regionAbbrev, addNewKafkaTopics, onlyRunDbMigrationAndCreateKafkaTopics }, directly or as the body of an API Gateway event.",
      details: { problems: facts.problems },
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class EventIncomplete extends TidegateError {
  override readonly name = "EventIncomplete";
  constructor(facts: { readonly fleet: string; readonly missing: readonly string[] }) {
    super({
      code: "auxo.event-incomplete",
      message: `The names of fleet "${facts.fleet}" need ${facts.missing.join(", ")}, and the event does not say it. Nothing was done.`,
      remedy: `Add ${facts.missing.map((one) => `"${one}"`).join(", ")} to the event, or to \`event\` of the fleet.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class FleetInvalid extends TidegateError {
  override readonly name = "FleetInvalid";
  constructor(facts: { readonly file: string; readonly problems: readonly string[]; readonly cause?: unknown }) {
    super({
      code: "auxo.fleet-invalid",
      message: `${facts.file} is no fleet: ${facts.problems.join("; ")}.`,
      remedy: "Mend the file; services/auxo/README.md shows a fleet.",
      details: { file: facts.file, problems: facts.problems },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class FleetUnknown extends TidegateError {
  override readonly name = "FleetUnknown";
  constructor(facts: { readonly fleet: string; readonly known: readonly string[] }) {
    super({
      code: "auxo.fleet-unknown",
      message: `There is no fleet "${facts.fleet}". Nothing was done.`,
      remedy: `Use one of: ${facts.known.join(", ")}; or put ${facts.fleet}.yaml into AUXO_FLEETS_DIR.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export interface PreflightProblem {
  /** "service ender", "image of vulcan". */
  readonly what: string;
  readonly problem: string;
  readonly remedy: string;
}

export class PreflightFailed extends TidegateError {
  override readonly name = "PreflightFailed";
  constructor(facts: {
    readonly target: string;
    readonly tag: string;
    readonly problems: readonly PreflightProblem[];
  }) {
    const { problems } = facts;
    super({
      code: "auxo.preflight-failed",
      message: `${facts.target} cannot be upgraded to ${facts.tag}: ${problems.map((one) => `${one.what}: ${one.problem}`).join("; ")}. Nothing was changed.`,
      remedy: [...new Set(problems.map((one) => one.remedy))].join(" "),
      details: facts,
      blame: "user",
      exit: EXIT.failed,
    });
  }
}

export class WritersRunning extends TidegateError {
  override readonly name = "WritersRunning";
  /** `what`: "the database is migrated". */
  constructor(facts: { readonly writers: readonly string[]; readonly what: string }) {
    super({
      code: "auxo.writers-running",
      message: `${facts.writers.join(" and ")} ${facts.writers.length === 1 ? "runs" : "run"}, and ${facts.what} only while no writer does.`,
      remedy: "Start the upgrade anew, or retry this run from the step stop-writers.",
      details: facts,
      blame: "user",
      exit: EXIT.failed,
    });
  }
}

export class DeadlineTooShort extends TidegateError {
  override readonly name = "DeadlineTooShort";
  constructor(facts: { readonly remainingMs: number; readonly neededMs: number }) {
    super({
      code: "auxo.deadline-too-short",
      message: `${Math.round(facts.remainingMs / 1_000)} s are left to this invocation, and what lies between the stop of the writers and their start may take ${Math.round(facts.neededMs / 1_000)} s. No writer was stopped.`,
      remedy: "Give the function a longer time-out, run Auxo on an operator, or lower the fleet's limits.",
      details: facts,
      retry: "never",
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}

/** Whether it migrated is not known, and it may be told to once more: what is done already is recorded in the database. */
export class MigrationUnanswered extends TidegateError {
  override readonly name = "MigrationUnanswered";
  constructor(facts: { readonly function: string; readonly cause: TidegateError }) {
    const { cause } = facts;
    super({
      code: "auxo.migration-unanswered",
      message: cause.message,
      remedy: `Look at the log of ${facts.function}: whether the database is migrated is not known. Migrating again is harmless.`,
      details: { function: facts.function },
      cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.failed,
    });
  }
}

export class MigrationRefused extends TidegateError {
  override readonly name = "MigrationRefused";
  constructor(facts: { readonly function: string; readonly answer: string }) {
    super({
      code: "auxo.migration-refused",
      message: `${facts.function} did not answer that it migrated, but ${facts.answer}.`,
      remedy: `Look at the log of ${facts.function}: whether the database is migrated is not known.`,
      details: facts,
      blame: "dependency",
      exit: EXIT.failed,
    });
  }
}

/** A wait that had its limit; to wait once more is a person's decision. */
export class LimitReached extends TidegateError {
  override readonly name = "LimitReached";
  constructor(facts: { readonly cause: TimedOut }) {
    const { cause } = facts;
    super({
      code: "auxo.limit-reached",
      message: cause.message,
      remedy: cause.remedy,
      details: cause.details,
      cause,
      retry: "never",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

export class HealthCheckFailed extends TidegateError {
  override readonly name = "HealthCheckFailed";
  constructor(facts: { readonly problems: readonly string[]; readonly limitMs: number }) {
    super({
      code: "auxo.health-check-failed",
      message: `The new services did not become healthy within ${facts.limitMs} ms: ${facts.problems.join("; ")}.`,
      remedy:
        "Look at the services' logs. A rollback goes to the revisions that the run recorded: rollback: ask or on-failure.",
      details: facts,
      blame: "dependency",
      exit: EXIT.failed,
    });
  }
}

/** Of a cancelled upgrade: its writers belong up, and are not. */
export class WritersDown extends TidegateError {
  override readonly name = "WritersDown";
  constructor(facts: { readonly writers: string; readonly problems: readonly string[] }) {
    super({
      code: "auxo.writers-down",
      message: `The writers belong ${facts.writers}, and could not all be brought there: ${facts.problems.join("; ")}.`,
      remedy: "The next upgrade, of any tag, starts the writers at their recorded counts; or set these counts by hand.",
      details: facts,
      retry: "later",
      blame: "dependency",
      exit: EXIT.failed,
    });
  }
}

/** An upgrade that did not come to its end, and in which state it left everything. */
export class UpgradeFailed extends TidegateError {
  override readonly name = "UpgradeFailed";
  constructor(facts: {
    readonly target: string;
    readonly tag: string;
    readonly at: string;
    /** Sentences. */
    readonly state: readonly string[];
    readonly remedy: string;
    readonly isSafe: boolean;
    readonly cause: Error;
  }) {
    const { cause } = facts;
    super({
      code: facts.isSafe ? "auxo.upgrade-failed" : "auxo.writers-down",
      message: `The upgrade of ${facts.target} to ${facts.tag} failed while ${facts.at}: ${cause.message} ${facts.state.join(" ")}`,
      remedy: [...(cause instanceof TidegateError ? [cause.remedy] : []), facts.remedy].join(" "),
      details: { target: facts.target, tag: facts.tag, at: facts.at, state: facts.state },
      cause,
      blame: cause instanceof TidegateError ? cause.blame : "us",
      exit: EXIT.failed,
    });
  }
}
