// What can go wrong with functions, each with its sentence and its remedy.
import { EXIT, TidegateError } from "@tidegate/kernel";

/** What a function threw, as far as it is known. */
export interface FunctionErrorFacts {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly remedy?: string;
}

export class FunctionUnknown extends TidegateError {
  override readonly name = "FunctionUnknown";
  constructor(facts: { name: string; where: string; known?: readonly string[]; cause?: unknown }) {
    const known = facts.known ?? [];
    super({
      code: "functions.unknown",
      message: `There is no function "${facts.name}" in ${facts.where}. Nothing was changed.`,
      remedy:
        known.length === 0
          ? "Check the name, the account and the region, or create it first."
          : `Use one of: ${known.join(", ")}.`,
      details: { function: facts.name, where: facts.where, known },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class FunctionBusy extends TidegateError {
  override readonly name = "FunctionBusy";
  constructor(facts: { name: string; reason: string; cause?: unknown }) {
    super({
      code: "functions.busy",
      message: `The function "${facts.name}" is busy: ${facts.reason}. It was not run, and this try changed nothing.`,
      remedy: "Somebody else updates it, or an update has not ended: wait a minute, look what it runs then, try again.",
      details: { function: facts.name, reason: facts.reason },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

export class ImageRefused extends TidegateError {
  override readonly name = "ImageRefused";
  constructor(facts: { name: string; image: string; reason: string; remedy: string; cause?: unknown }) {
    super({
      code: "functions.image-refused",
      message: `The function "${facts.name}" cannot run ${facts.image}: ${facts.reason}. Nothing was changed, and nothing was run.`,
      remedy: facts.remedy,
      details: { function: facts.name, image: facts.image, reason: facts.reason },
      cause: facts.cause,
      blame: "user",
    });
  }
}

export class FunctionUpdateFailed extends TidegateError {
  override readonly name = "FunctionUpdateFailed";
  constructor(facts: { name: string; image: string; reason: string }) {
    super({
      code: "functions.update-failed",
      message: `The update of the function "${facts.name}" to ${facts.image} failed: ${facts.reason}. What it ran before goes on running.`,
      remedy: "Mend what the reason names (image, role, network), then update the function again.",
      details: { function: facts.name, image: facts.image, reason: facts.reason },
      blame: "dependency",
    });
  }
}

export class PayloadTooLarge extends TidegateError {
  override readonly name = "PayloadTooLarge";
  constructor(facts: { name: string; bytes: number; allowed: number }) {
    super({
      code: "functions.payload-too-large",
      message: `The payload for "${facts.name}" has ${facts.bytes} bytes; ${facts.allowed} are allowed. It was not run.`,
      remedy: "Send less: what is large belongs into a store, and its address into the payload.",
      details: { function: facts.name, bytes: facts.bytes, allowed: facts.allowed },
      exit: EXIT.usage,
    });
  }
}

export class FunctionFailed extends TidegateError {
  override readonly name = "FunctionFailed";
  /** `timedOutAfterMs`: it was ended by a limit on its time; null when it is not known which. */
  constructor(facts: {
    name: string;
    error: FunctionErrorFacts;
    log: string;
    requestId?: string;
    timedOutAfterMs?: number | null;
  }) {
    const { error, timedOutAfterMs } = facts;
    const isTimeOut = timedOutAfterMs !== undefined;
    super({
      code: "functions.failed",
      message: isTimeOut
        ? `The function "${facts.name}" ran out of time${timedOutAfterMs === null ? "" : ` after ${timedOutAfterMs} ms`} and was ended. What it had done by then stays done.`
        : `The function "${facts.name}" failed: ${error.name}: ${error.message}`,
      remedy: error.remedy ?? `Read its log: ${facts.log}.`,
      details: {
        function: facts.name,
        error,
        log: facts.log,
        timedOut: isTimeOut,
        ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
      },
      blame: "dependency",
    });
  }
}

export class FunctionCrashed extends TidegateError {
  override readonly name = "FunctionCrashed";
  constructor(facts: { name: string; how: string; log: string; requestId?: string; cause?: unknown }) {
    super({
      code: "functions.crashed",
      message: `The function "${facts.name}" ended before it answered: ${facts.how}. It is not running any more; what it had done by then stays done.`,
      remedy: `Read its log: ${facts.log}. Then run it again, if what it does may be repeated.`,
      details: {
        function: facts.name,
        how: facts.how,
        log: facts.log,
        ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
      },
      cause: facts.cause,
      blame: "dependency",
    });
  }
}

export class InvocationLost extends TidegateError {
  override readonly name = "InvocationLost";
  constructor(facts: { name: string; reason: string; log: string; cause?: unknown }) {
    super({
      code: "functions.invocation-lost",
      message: `The function "${facts.name}" was invoked, and its answer did not arrive: ${facts.reason}. It may have run, and may still be running.`,
      remedy: `Read its log: ${facts.log}. Invoke it again only when it has ended, and if what it does may be repeated.`,
      details: { function: facts.name, reason: facts.reason, log: facts.log },
      cause: facts.cause,
      blame: "dependency",
    });
  }
}

export class FunctionStateUnreadable extends TidegateError {
  override readonly name = "FunctionStateUnreadable";
  constructor(facts: { file: string; problem: string; cause?: unknown }) {
    super({
      code: "functions.state-unreadable",
      message: `${facts.file} is not what Tidegate wrote there: ${facts.problem}. Nothing was changed.`,
      remedy: "Restore the file, or remove it and create the function again.",
      details: { file: facts.file, problem: facts.problem },
      cause: facts.cause,
    });
  }
}
