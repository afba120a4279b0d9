// What a handler answers when it cannot give the outcome.
import { EXIT, TidegateError } from "@tidegate/kernel";

/** The handler's own time is over before the run's. */
export class HandlerDeadline extends TidegateError {
  override readonly name = "HandlerDeadline";
  constructor(facts: { readonly runId: string; readonly goesOn: boolean }) {
    super({
      code: "handler.deadline",
      message: facts.goesOn
        ? `Run ${facts.runId} has not ended before this handler must. The run goes on.`
        : `Run ${facts.runId} has not ended before this handler must. It is recorded as far as it came, and goes on with the next invocation or any executor.`,
      remedy: "Invoke the handler again with the same event: it attaches to this run.",
      details: { runId: facts.runId },
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** Too little time is left to begin. */
export class HandlerTooLate extends TidegateError {
  override readonly name = "HandlerTooLate";
  constructor(facts: { readonly remainingMs: number; readonly neededMs: number }) {
    super({
      code: "handler.too-late",
      message: `${facts.remainingMs} ms are left to this handler and ${facts.neededMs} ms are needed to begin. Nothing was started.`,
      remedy: "Give the function a longer time-out.",
      details: facts,
      retry: "later",
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}
