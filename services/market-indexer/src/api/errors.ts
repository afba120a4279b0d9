// What the read API answers when it cannot answer: each error carries its status and the sentence that the client gets.
import { TidegateError, type TidegateErrorFacts } from "@tidegate/kernel";

/** An error whose message is meant for the client. Any other error is answered in general words, and logged. */
export class MarketApiError extends TidegateError {
  override readonly name: string = "MarketApiError";
  readonly status: 400 | 404 | 500 | 503;
  constructor(facts: TidegateErrorFacts & { readonly status: 400 | 404 | 500 | 503 }) {
    super(facts);
    this.status = facts.status;
  }
}

export interface ParameterProblem {
  readonly name: string;
  /** As given; undefined for one that is missing. */
  readonly value: unknown;
  /** What is allowed: "must be …". */
  readonly allowed: string;
}

/** A path or query parameter is not usable. */
export class BadParameter extends MarketApiError {
  override readonly name = "BadParameter";
  constructor(problems: readonly ParameterProblem[]) {
    super({
      status: 400,
      code: "market-api.bad-parameter",
      message: `${problems.map(describeProblem).join("; ")}.`,
      remedy: "Correct the parameter; /docs describes each.",
      details: { problems },
      blame: "user",
    });
  }
}

/** Values are quoted in answers and logs: a long one is cut. */
const LONGEST_QUOTE = 80;

function describeProblem({ name, value, allowed }: ParameterProblem): string {
  return `${cut(name)}=${cut(JSON.stringify(value) ?? "(missing)")} ${allowed}`;
}

function cut(text: string): string {
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

/** The database is there, but no batch is stored yet. */
export class NothingIndexed extends MarketApiError {
  override readonly name = "NothingIndexed";
  constructor() {
    super({
      status: 404,
      code: "market-api.nothing-indexed",
      message: "No block is indexed yet.",
      remedy: "Start the market indexer, or wait until it has stored its first batch.",
      blame: "dependency",
      retry: "later",
    });
  }
}

/** No request has this id. */
export class RequestNotFound extends MarketApiError {
  override readonly name = "RequestNotFound";
  constructor(facts: { readonly requestId: string }) {
    super({
      status: 404,
      code: "market-api.request-not-found",
      message: `No request with the id ${facts.requestId} is indexed.`,
      remedy: "Check the id; a request of the newest blocks appears once the indexer has reached them.",
      details: facts,
      blame: "user",
    });
  }
}

/** The indexer has not made its tables yet. */
export class SchemaMissing extends MarketApiError {
  override readonly name = "SchemaMissing";
  constructor(facts: { readonly cause?: unknown } = {}) {
    super({
      status: 503,
      code: "market-api.schema-missing",
      message: "The database has no market tables yet; the market indexer makes them when it starts.",
      remedy: "Start the market indexer on this database.",
      cause: facts.cause,
      blame: "dependency",
      retry: "later",
    });
  }
}

/** The database refused, broke off or did not answer in time. The cause names the server, so it stays in the log. */
export class DatabaseUnavailable extends MarketApiError {
  override readonly name = "DatabaseUnavailable";
  constructor(facts: { readonly cause: unknown }) {
    super({
      status: 503,
      code: "market-api.database-unavailable",
      message: "The database does not answer at the moment. Try again in a few seconds.",
      remedy: "Check that PostgreSQL runs and is not overloaded.",
      cause: facts.cause,
      blame: "dependency",
      retry: "later",
    });
  }
}

/** The API was started for one chain and the database holds another: serving it would be a lie. */
export class OtherChain extends MarketApiError {
  override readonly name = "OtherChain";
  constructor(facts: { readonly expected: bigint; readonly stored: bigint }) {
    super({
      status: 500,
      code: "market-api.other-chain",
      message: `This API was started for chain ${facts.expected}, but its database holds chain ${facts.stored}. Nothing is served.`,
      remedy: "Correct CHAIN_ID, or point the API at the database of that chain.",
      details: facts,
      blame: "user",
    });
  }
}
