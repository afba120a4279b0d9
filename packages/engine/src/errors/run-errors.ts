// What can be wrong with a run, or with what is asked of it.
import { describeError, EXIT, TidegateError } from "@tidegate/kernel";
import type { LockView } from "../control/lock-view.ts";

export class RunUnknown extends TidegateError {
  override readonly name = "RunUnknown";
  constructor(facts: { readonly runId: string }) {
    super({
      code: "engine.run-unknown",
      message: `There is no run ${facts.runId}.`,
      remedy: "List them with `tidegate runs ls`.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class RunEnded extends TidegateError {
  override readonly name = "RunEnded";
  constructor(facts: { readonly runId: string; readonly state: string; readonly asked: string }) {
    super({
      code: "engine.run-ended",
      message: `Run ${facts.runId} has ended (${facts.state}): it cannot be ${facts.asked}. Nothing was changed.`,
      remedy: `Look at it with \`tidegate runs show ${facts.runId}\`.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class RunNotRetryable extends TidegateError {
  override readonly name = "RunNotRetryable";
  constructor(facts: { readonly runId: string; readonly state: string }) {
    super({
      code: "engine.run-not-retryable",
      message: `Run ${facts.runId} is ${facts.state}: only one that failed or was cancelled can be retried. Nothing was changed.`,
      remedy: "Wait for its end, or cancel it first; start a new run to do it all again.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

/** A retry would wait for an executor that is not there, and keep releases without this version from starting. */
export class RunVersionGone extends TidegateError {
  override readonly name = "RunVersionGone";
  constructor(facts: { readonly runId: string; readonly operation: string; readonly version: number }) {
    const { runId, operation, version } = facts;
    super({
      code: "engine.run-version-gone",
      message: `Run ${runId} is of ${operation}@${version}, which the newest release at work does not have: nobody could finish the run. Nothing was changed.`,
      remedy: "Start a release that has this version and retry the run there, or start a new run.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class StepUnknown extends TidegateError {
  override readonly name = "StepUnknown";
  constructor(facts: { readonly runId: string; readonly step: string; readonly known: readonly string[] }) {
    super({
      code: "engine.step-unknown",
      message: `Run ${facts.runId} has no recorded step "${facts.step}". Nothing was changed.`,
      remedy: `Use one of: ${facts.known.join(", ")}.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class StartKeyReused extends TidegateError {
  override readonly name = "StartKeyReused";
  constructor(facts: { readonly operation: string; readonly key: string; readonly runId: string }) {
    super({
      code: "engine.start-key-reused",
      message: `The key "${facts.key}" has started run ${facts.runId} of ${facts.operation} with another input. Nothing was started.`,
      remedy: "Use a new key for a new input.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class LockHeld extends TidegateError {
  override readonly name = "LockHeld";
  constructor(facts: { readonly lock: LockView; readonly now: Date; readonly waitedMs: number }) {
    const { name, holder, runId, operation, reason, acquiredAt } = facts.lock;
    const ageS = Math.max(0, Math.round((facts.now.getTime() - acquiredAt.getTime()) / 1_000));
    const why = reason === null ? "" : `, because: ${reason}`;
    const waited = facts.waitedMs > 0 ? ` It was waited for, ${Math.round(facts.waitedMs / 1_000)} s.` : "";
    super({
      code: "engine.lock-held",
      message: `The lock "${name}" is held by ${holder} with run ${runId} of ${operation} for ${ageS} s${why}.${waited} Nothing was changed.`,
      remedy: `Watch it with \`tidegate runs watch ${runId}\`, wait with --lock-wait, or cancel it.`,
      details: { lock: name, holder, runId, operation, reason, ageS },
      retry: "later",
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}

export class RunCancelled extends TidegateError {
  override readonly name = "RunCancelled";
  constructor(facts: { readonly runId: string; readonly by: string; readonly reason?: string | null }) {
    const why = facts.reason === undefined || facts.reason === null ? "" : `: ${facts.reason}`;
    super({
      code: "engine.run-cancelled",
      message: `Run ${facts.runId} was cancelled by ${facts.by}${why}.`,
      remedy: `Retry it with \`tidegate runs retry ${facts.runId}\`, or start a new one.`,
      details: facts,
      blame: "user",
      exit: EXIT.interrupted,
    });
  }
}

export const NOT_UNDONE = "engine.compensation-failed";

/** The run was cancelled, and what it had done could not be undone as a whole. */
export class CompensationFailed extends TidegateError {
  override readonly name = "CompensationFailed";
  constructor(facts: {
    readonly runId: string;
    readonly step: string;
    readonly left: readonly string[];
    readonly cause: unknown;
  }) {
    super({
      code: NOT_UNDONE,
      message: `Run ${facts.runId} was cancelled, but step "${facts.step}" could not be undone (${describeError(facts.cause)}). Not undone: ${facts.left.join(", ")}.`,
      remedy: `Mend what the cause says and undo these by hand, or retry the run: \`tidegate runs retry ${facts.runId}\`.`,
      details: { runId: facts.runId, step: facts.step, left: facts.left },
      cause: facts.cause,
    });
  }
}

export class StepTimedOut extends TidegateError {
  override readonly name = "StepTimedOut";
  constructor(facts: { readonly step: string; readonly timeoutMs: number }) {
    super({
      code: "engine.step-timed-out",
      message: `Step "${facts.step}" did not end within ${facts.timeoutMs} ms and was aborted. What it had begun may be half done.`,
      remedy: "See what it waited for; raise its time-out if it was merely slow; retry the run from this step.",
      details: facts,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

export class ApprovalTimedOut extends TidegateError {
  override readonly name = "ApprovalTimedOut";
  constructor(facts: { readonly approval: string; readonly timeoutMs: number }) {
    super({
      code: "engine.approval-timed-out",
      message: `Nobody answered "${facts.approval}" within ${Math.round(facts.timeoutMs / 1_000)} s.`,
      remedy: "Retry the run from this approval and answer it with `tidegate runs approve`.",
      details: facts,
      retry: "later",
      blame: "user",
    });
  }
}

export class ApprovalRefused extends TidegateError {
  override readonly name = "ApprovalRefused";
  constructor(facts: { readonly approval: string; readonly by: string; readonly comment: string | null }) {
    super({
      code: "engine.approval-refused",
      message: `${facts.by} answered "${facts.approval}" with no${facts.comment === null ? "" : `: ${facts.comment}`}.`,
      remedy: "Mend what they found, then retry the run from this approval.",
      details: facts,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

export class NothingToApprove extends TidegateError {
  override readonly name = "NothingToApprove";
  constructor(facts: {
    readonly runId: string;
    readonly state: string;
    readonly waiting: readonly string[];
    readonly name?: string | undefined;
  }) {
    super({
      code: "engine.nothing-to-approve",
      message: `Run ${facts.runId} (${facts.state}) does not wait for ${facts.name === undefined ? "an approval" : `the approval "${facts.name}"`}. Nothing was changed.`,
      remedy:
        facts.waiting.length === 0
          ? `Look at it with \`tidegate runs show ${facts.runId}\`.`
          : `It waits for: ${facts.waiting.join(", ")}.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class SignalRefused extends TidegateError {
  override readonly name = "SignalRefused";
  constructor(facts: { readonly runId: string; readonly signal: string; readonly problem: string }) {
    super({
      code: "engine.signal-refused",
      message: `Signal "${facts.signal}" was not sent to run ${facts.runId}: ${facts.problem}.`,
      remedy: "Correct it and send it again.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
