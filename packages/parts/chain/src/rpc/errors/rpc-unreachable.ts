// No answer: the connection, the time limit or the HTTP status stood in the way.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class RpcUnreachable extends TidegateError {
  override readonly name = "RpcUnreachable";
  /** The wait that the endpoint asked for. */
  readonly retryAfterMs: number | undefined;
  /** The call certainly had no effect, so that even one that is not a reading may be sent again. */
  readonly isNotDone: boolean;
  constructor(facts: {
    method: string;
    url: string;
    reason: string;
    isNotDone: boolean;
    /** False when only a person can change the outcome: a refused API key, a wrong path. Default true. */
    canPass?: boolean;
    retryAfterMs?: number | undefined;
    cause?: unknown;
  }) {
    const canPass = facts.canPass ?? true;
    super({
      code: "rpc.unreachable",
      message: `${facts.method} got no answer from ${facts.url}: ${facts.reason}.`,
      remedy: canPass
        ? "Check that the endpoint is up and can be reached from here, or name a second one to fail over to."
        : "Check the address and the API key of the endpoint.",
      details: { method: facts.method, url: facts.url, reason: facts.reason },
      cause: facts.cause,
      retry: canPass ? "later" : "never",
      blame: canPass ? "dependency" : "user",
      exit: EXIT.partDown,
    });
    this.retryAfterMs = facts.retryAfterMs;
    this.isNotDone = facts.isNotDone;
  }
}
