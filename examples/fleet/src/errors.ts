// What the services foresee.
import { EXIT, TidegateError } from "@tidegate/kernel";

/** The writer must not write, and a supervisor shall try again later: the migration may be on its way. */
export class SchemaDoesNotFit extends TidegateError {
  override readonly name = "SchemaDoesNotFit";
  constructor(facts: { readonly release: number; readonly missing: readonly string[]; readonly cause?: unknown }) {
    super({
      code: "fleet.schema-does-not-fit",
      message: `The code of release ${facts.release} does not fit the database: ${facts.missing.join(", ")}. Nothing was written.`,
      remedy: "Migrate the database to this release, or run the release that it was migrated to.",
      details: { release: facts.release, missing: facts.missing },
      cause: facts.cause,
      retry: "never",
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}

export class TopicMissing extends TidegateError {
  override readonly name = "TopicMissing";
  constructor(facts: { readonly topic: string; readonly cause?: unknown }) {
    super({
      code: "fleet.topic-missing",
      message: `The cluster has no topic "${facts.topic}".`,
      remedy: "Create the topics first: Bazooka's create_kafka_topics.",
      details: { topic: facts.topic },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.tryAgain,
    });
  }
}

export class KafkaTrouble extends TidegateError {
  override readonly name = "KafkaTrouble";
  constructor(facts: { readonly what: string; readonly reason: string; readonly cause: unknown }) {
    super({
      code: "fleet.kafka-trouble",
      message: `${facts.what} failed: ${facts.reason}.`,
      remedy: "Check KAFKA_BROKER_URLS and the brokers' log.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}

/** Records were deleted before they were read, or the topic is a new one of the same name. */
export class OffsetOutOfRange extends TidegateError {
  override readonly name = "OffsetOutOfRange";
  constructor(facts: { readonly topic: string; readonly cause: unknown }) {
    super({
      code: "fleet.offset-out-of-range",
      message: `Topic "${facts.topic}" does not have the offset at which reading was to go on.`,
      remedy: "Reading goes on at the first record that is kept.",
      details: { topic: facts.topic },
      cause: facts.cause,
      retry: "now",
      blame: "dependency",
    });
  }
}

export class RedisTrouble extends TidegateError {
  override readonly name = "RedisTrouble";
  constructor(facts: { readonly reason: string; readonly cause: unknown }) {
    super({
      code: "fleet.redis-trouble",
      message: `Redis did not take it: ${facts.reason}.`,
      remedy: "Check REDIS_URL and that the server runs.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}

export class PortTaken extends TidegateError {
  override readonly name = "PortTaken";
  constructor(facts: { readonly port: number; readonly cause: unknown }) {
    super({
      code: "fleet.port-taken",
      message: `Port ${facts.port} of 127.0.0.1 is taken by another program. The service was not started.`,
      remedy: "Stop that program, or choose another PORT.",
      details: { port: facts.port },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}

/** FLEET_FAULT=crash-at-start. */
export class CrashedAsAsked extends TidegateError {
  override readonly name = "CrashedAsAsked";
  constructor() {
    super({
      code: "fleet.crashed-as-asked",
      message: "This release is faulty: it crashes at its start (FLEET_FAULT=crash-at-start).",
      remedy: "Run a release without the fault.",
      blame: "user",
    });
  }
}

export class LedgerBroken extends TidegateError {
  override readonly name = "LedgerBroken";
  constructor(facts: { readonly path: string; readonly line: number }) {
    super({
      code: "fleet.ledger-broken",
      message: `Line ${facts.line} of ${facts.path} is not a line of the fleet's ledger.`,
      remedy: "The ledger is the ground truth and cannot be mended: begin with a new folder and a new database.",
      details: facts,
      blame: "dependency",
    });
  }
}
