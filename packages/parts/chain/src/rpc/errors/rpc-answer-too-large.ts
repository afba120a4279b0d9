// The answer to one call is larger than the endpoint gives or than we take.
import { TidegateError } from "@tidegate/kernel";

export class RpcAnswerTooLarge extends TidegateError {
  override readonly name = "RpcAnswerTooLarge";
  constructor(facts: { method: string; url: string; reason: string }) {
    super({
      code: "rpc.answer-too-large",
      message: `The answer of ${facts.url} to ${facts.method} is too large: ${facts.reason}.`,
      remedy: "Ask for less at once, or raise the limit of the endpoint or of the client.",
      details: { method: facts.method, url: facts.url, reason: facts.reason },
      blame: "dependency",
    });
  }
}
