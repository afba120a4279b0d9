// What can happen to an executor, and to the claim that it has on a run.
import { EXIT, TidegateError } from "@tidegate/kernel";

/** Another executor has taken the run over: nothing of this one may be applied any more. */
export class FenceStale extends TidegateError {
  override readonly name = "FenceStale";
  constructor(facts: { readonly runId: string; readonly token: number; readonly current: number | null }) {
    super({
      code: "engine.fence-stale",
      message: `Run ${facts.runId} was taken over (token ${facts.token}, current ${facts.current ?? "unknown"}). The effect was not applied.`,
      remedy: "Nothing to do: the executor that took it over does the step.",
      details: facts,
    });
  }
}

/** This executor lost its lock, or the database, and stops. */
export class ExecutorLost extends TidegateError {
  override readonly name = "ExecutorLost";
  constructor(facts: { readonly executor: string; readonly reason: string; readonly cause?: unknown }) {
    super({
      code: "engine.executor-lost",
      message: `Executor ${facts.executor} lost its hold on the database: ${facts.reason}. It stops; its runs go to another one.`,
      remedy: "Start it again; look at PostgreSQL and the network when it happens more than once.",
      details: { executor: facts.executor },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** Runs in flight need versions of operations that this release does not have. */
export class RunsOfOtherVersions extends TidegateError {
  override readonly name = "RunsOfOtherVersions";
  constructor(facts: {
    readonly runs: ReadonlyArray<{ readonly id: string; readonly operation: string }>;
    readonly known: readonly string[];
  }) {
    const shown = facts.runs.slice(0, 5).map((run) => `${run.id} (${run.operation})`);
    super({
      code: "engine.runs-of-other-versions",
      message: `${facts.runs.length} runs in flight need operations that this release does not have: ${shown.join(", ")}. It was not started, so that they are not stranded.`,
      remedy:
        "Start the earlier release and let them end, or cancel them there; or keep the older versions of these operations registered in this release.",
      details: facts,
      blame: "user",
      exit: EXIT.failed,
    });
  }
}

/** A later release is at work on the same database; what began here now could be finished by nobody once this one is stopped. */
export class ReleaseOutdated extends TidegateError {
  override readonly name = "ReleaseOutdated";
  constructor(facts: { readonly operation: string; readonly version: number; readonly newer: string }) {
    const { operation, version, newer } = facts;
    super({
      code: "engine.release-outdated",
      message: `A newer release is at work (executor ${newer}), which has ${operation} without version ${version}. Nothing was started here.`,
      remedy:
        "Start it with the newer release, and stop this one; or keep the older version registered in the newer release.",
      details: facts,
      retry: "later",
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}

/** The run ended its executor again and again without getting further. */
export class RunKeepsKilling extends TidegateError {
  override readonly name = "RunKeepsKilling";
  constructor(facts: { readonly runId: string; readonly takeovers: number }) {
    super({
      code: "engine.run-keeps-killing",
      message: `Run ${facts.runId} was taken over ${facts.takeovers} times in the same step; it is ended before it ends another executor.`,
      remedy:
        "See in the logs what ended the executors (memory, a crash in the step), mend it, then retry the run from that step.",
      details: facts,
    });
  }
}

/** This engine cannot do what was asked. */
export class NotSupported extends TidegateError {
  override readonly name = "NotSupported";
  constructor(facts: { readonly engine: string; readonly capability: string; readonly remedy: string }) {
    super({
      code: "engine.not-supported",
      message: `The ${facts.engine} engine cannot ${facts.capability}.`,
      remedy: facts.remedy,
      details: { engine: facts.engine, capability: facts.capability },
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class EngineOff extends TidegateError {
  override readonly name = "EngineOff";
  constructor(facts: { readonly reason: string; readonly remedy: string }) {
    super({
      code: "engine.off",
      message: `No durable engine is there: ${facts.reason}. Nothing was started.`,
      remedy: facts.remedy,
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}
