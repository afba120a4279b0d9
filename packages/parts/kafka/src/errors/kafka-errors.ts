// What can go wrong between us and a Kafka cluster.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class KafkaUnreachable extends TidegateError {
  override readonly name = "KafkaUnreachable";
  constructor(facts: { readonly brokers: readonly string[]; readonly reason: string; readonly cause?: unknown }) {
    super({
      code: "kafka.unreachable",
      message: `No broker of ${facts.brokers.join(", ")} answered: ${facts.reason}.`,
      remedy: "Check KAFKA_BROKER_URLS and that the brokers run and are reachable from here (host, port, TLS).",
      details: { brokers: facts.brokers },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  }
}

export class KafkaLoginRefused extends TidegateError {
  override readonly name = "KafkaLoginRefused";
  constructor(facts: { readonly brokers: readonly string[]; readonly cause?: unknown }) {
    super({
      code: "kafka.login-refused",
      message: `The brokers ${facts.brokers.join(", ")} refused the login.`,
      remedy: "Check KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD.",
      details: { brokers: facts.brokers },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

/** The cluster answered, with an error of its protocol. */
export class KafkaRefused extends TidegateError {
  override readonly name = "KafkaRefused";
  constructor(facts: {
    readonly what: string;
    /** The protocol's name of the error: TOPIC_ALREADY_EXISTS. Source: Kafka protocol guide, "Error Codes". */
    readonly error: string;
    readonly said: string;
    readonly canRetry: boolean;
    readonly cause?: unknown;
  }) {
    super({
      code: "kafka.refused",
      message: `${facts.what}: the cluster answered ${facts.error}${facts.said === "" ? "" : ` (${facts.said})`}.`,
      remedy: facts.canRetry
        ? "It passes by itself as a rule; try again."
        : "Look up the error in Kafka's protocol guide; the cluster's own log says more.",
      details: { error: facts.error },
      cause: facts.cause,
      retry: facts.canRetry ? "later" : "never",
      blame: "dependency",
    });
  }
}

export class KafkaTopicMissing extends TidegateError {
  override readonly name = "KafkaTopicMissing";
  constructor(facts: { readonly topics: readonly string[] }) {
    super({
      code: "kafka.topic-missing",
      message: `The cluster has no topic ${facts.topics.map((one) => `"${one}"`).join(", ")}.`,
      remedy: "Create it first: tidegate run prepare --set create_kafka_topics=true",
      details: { topics: facts.topics },
      blame: "user",
    });
  }
}

/** After clearing, there were records: somebody writes, or the cluster kept what it was told to delete. */
export class KafkaTopicNotEmpty extends TidegateError {
  override readonly name = "KafkaTopicNotEmpty";
  constructor(facts: { readonly topic: string; readonly records: bigint; readonly partitions: readonly number[] }) {
    super({
      code: "kafka.topic-not-empty",
      message: `Topic "${facts.topic}" was cleared, and has ${facts.records} records in ${facts.partitions.length} partitions all the same (low and high watermark differ).`,
      remedy: "Stop what writes to it, then clear it again.",
      details: { topic: facts.topic, records: facts.records, partitions: facts.partitions.slice(0, 20) },
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}
