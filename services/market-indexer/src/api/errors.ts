// What can go wrong in the read API, each with the sentence that its reader gets.
import { EXIT, TidegateError } from "@tidegate/kernel";

export interface ParameterProblem {
  readonly name: string;
  /** As given; undefined for a parameter that is missing. */
  readonly value: unknown;
  /** What is allowed, after "must be" or the like. */
  readonly allowed: string;
}

/** 400: a path or query parameter is not usable. */
export class BadParameter extends TidegateError {
  override readonly name = "BadParameter";
  constructor(problems: readonly ParameterProblem[]) {
    super({
      code: "market-api.bad-parameter",
      message: `${problems.map(describeProblem).join("; ")}.`,
      remedy: "Correct the parameter; /docs describes each.",
      details: { problems },
      blame: "user",
    });
  }
}

/** Values are quoted in answers and logs: a megabyte of them would be too. */
const LONGEST_QUOTE = 80;

function describeProblem({ name, value, allowed }: ParameterProblem): string {
  const quoted = JSON.stringify(value) ?? "(missing)";
  return `${name}=${quoted.length > LONGEST_QUOTE ? `${quoted.slice(0, LONGEST_QUOTE)}…` : quoted} ${allowed}`;
}

/** 404: the database is there, but no batch is stored yet. */
export class NothingIndexed extends TidegateError {
  override readonly name = "NothingIndexed";
  constructor() {
    super({
      code: "market-api.nothing-indexed",
      message: "No block is indexed yet.",
      remedy: "Start the market indexer, or wait until it has stored its first batch.",
      blame: "dependency",
      retry: "later",
    });
  }
}

/** 404: no request has this id. */
export class RequestNotFound extends TidegateError {
  override readonly name = "RequestNotFound";
  constructor(facts: { requestId: string }) {
    super({
      code: "market-api.request-not-found",
      message: `No request with the id ${facts.requestId} is indexed.`,
      remedy: "Check the id; a request of the newest blocks appears once the indexer has reached them.",
      details: facts,
      blame: "user",
    });
  }
}

/** 503: the indexer has not made its tables yet. */
export class SchemaMissing extends TidegateError {
  override readonly name = "SchemaMissing";
  constructor(facts: { cause?: unknown } = {}) {
    super({
      code: "market-api.schema-missing",
      message: "The database has no market tables yet; the market indexer makes them when it starts.",
      remedy: "Start the market indexer on this database.",
      cause: facts.cause,
      blame: "dependency",
      retry: "later",
      exit: EXIT.tryAgain,
    });
  }
}

/** 503: the database refused, broke off or did not answer in time. The cause is for the log, not for the client. */
export class DatabaseUnavailable extends TidegateError {
  override readonly name = "DatabaseUnavailable";
  constructor(facts: { cause: unknown }) {
    super({
      code: "market-api.database-unavailable",
      message: "The database does not answer at the moment.",
      remedy: "Try again in a few seconds.",
      cause: facts.cause,
      blame: "dependency",
      retry: "later",
      exit: EXIT.partDown,
    });
  }
}

/** 500: this API was started for one chain, and the database holds another. Serving it would be a lie. */
export class OtherChain extends TidegateError {
  override readonly name = "OtherChain";
  constructor(facts: { expected: bigint; stored: bigint }) {
    super({
      code: "market-api.other-chain",
      message: `The database holds chain ${facts.stored}, but this API was started for chain ${facts.expected}. Nothing is served.`,
      remedy: "Correct CHAIN_ID, or point the API at the database of that chain.",
      details: facts,
      blame: "user",
    });
  }
}
