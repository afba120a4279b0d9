// The endpoint answers, but not now: too many requests.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class RpcRateLimited extends TidegateError {
  override readonly name = "RpcRateLimited";
  /** The wait that the endpoint asked for. */
  readonly retryAfterMs: number | undefined;
  constructor(facts: { method: string; url: string; reason: string; retryAfterMs?: number | undefined }) {
    super({
      code: "rpc.rate-limited",
      message: `${facts.url} limits the rate and did not do ${facts.method}: ${facts.reason}.`,
      remedy: "Lower the number of requests per second or in flight, or use an endpoint with a higher limit.",
      details: { method: facts.method, url: facts.url, reason: facts.reason },
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
    this.retryAfterMs = facts.retryAfterMs;
  }
}
