// What the operator itself can fail at.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class EndpointUnknown extends TidegateError {
  override readonly name = "EndpointUnknown";
  constructor(facts: { readonly method: string; readonly path: string }) {
    super({
      code: "operator.endpoint-unknown",
      message: `There is no ${facts.method} ${facts.path}. Nothing was changed.`,
      remedy:
        "Use GET /health, /status, /metrics, the API as /operator/openapi.json describes it, or the market's as /docs does.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

/** The indexer's own report could not be had; what the database knows is shown all the same. */
export class IndexerSilent extends TidegateError {
  override readonly name = "IndexerSilent";
  constructor(facts: { readonly url: string; readonly reason: string; readonly cause?: unknown }) {
    super({
      code: "operator.indexer-silent",
      message: `The market indexer at ${facts.url} did not report its progress: ${facts.reason}.`,
      remedy: "Look at `tidegate status` and `tidegate logs market-indexer`.",
      details: { url: facts.url },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** The engine could not be opened yet: its database is away. */
export class EngineNotOpen extends TidegateError {
  override readonly name = "EngineNotOpen";
  constructor(facts: { readonly reason: string; readonly cause?: unknown }) {
    super({
      code: "operator.engine-not-open",
      message: `Operations are not available now: ${facts.reason}. Nothing was done.`,
      remedy: "It is tried again every second; look at `tidegate status`.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}
