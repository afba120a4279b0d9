// Every wait has a limit; this is what its end says.
import { EXIT, TidegateError } from "./tidegate-error.ts";

export class TimedOut extends TidegateError {
  override readonly name = "TimedOut";
  constructor(facts: {
    what: string;
    limitMs: number;
    remedy: string;
    details?: Record<string, unknown>;
    cause?: unknown;
  }) {
    super({
      code: "wait.timed-out",
      message: `${facts.what} did not happen within ${facts.limitMs} ms.`,
      remedy: facts.remedy,
      details: { limitMs: facts.limitMs, ...facts.details },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}
