// An answer that contradicts the question or itself: cut off, not JSON, wrong ids, a log of another contract.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class RpcBadAnswer extends TidegateError {
  override readonly name = "RpcBadAnswer";
  constructor(facts: { method: string; url: string; reason: string; cause?: unknown }) {
    super({
      code: "rpc.bad-answer",
      message: `${facts.url} gave an answer to ${facts.method} that cannot be used: ${facts.reason}.`,
      remedy: "Try again; if it stays, the endpoint or a proxy before it is faulty: use another one.",
      details: { method: facts.method, url: facts.url, reason: facts.reason },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}
