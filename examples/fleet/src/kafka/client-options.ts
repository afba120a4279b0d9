// How the fleet's clients reach the cluster, and what their failures become.
import { findErrorBy } from "@platformatic/kafka";
import { describeError, TidegateError } from "@tidegate/kernel";
import { KafkaTrouble, OffsetOutOfRange, TopicMissing } from "../errors.ts";

export interface KafkaPlace {
  readonly brokers: readonly string[];
  readonly clientId: string;
}

export function clientOptions({ brokers, clientId }: KafkaPlace) {
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: 5_000,
    timeout: 10_000,
    requestTimeout: 15_000,
    retries: 3,
    retryDelay: 250,
    // Partitions that Bazooka adds are noticed within this time.
    metadataMaxAge: 5_000,
    autocreateTopics: false,
  };
}

/** Runs a call of the library; its errors become TopicMissing, OffsetOutOfRange or KafkaTrouble. */
export async function askKafka<T>(what: string, topic: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw mapError(error, what, topic);
  }
}

function mapError(error: unknown, what: string, topic: string): unknown {
  if (!(error instanceof Error) || error instanceof TidegateError) return error;
  if (!("code" in error) || !String(error.code).startsWith("PLT_KFK_")) return error;
  if (findErrorBy(error, "apiId", "UNKNOWN_TOPIC_OR_PARTITION") !== null)
    return new TopicMissing({ topic, cause: error });
  // What the library itself makes of that answer (2.12.1, clients/base).
  const unknown = /^Unknown topic (\S+)\.$/.exec(error.message)?.[1];
  if (unknown !== undefined) return new TopicMissing({ topic: unknown, cause: error });
  if (findErrorBy(error, "apiId", "OFFSET_OUT_OF_RANGE") !== null) return new OffsetOutOfRange({ topic, cause: error });
  return new KafkaTrouble({ what, reason: innermost(error), cause: error });
}

/** The library nests both ways: several errors in one, and one as the cause of another. */
function innermost(error: Error): string {
  const nested = error instanceof AggregateError ? (error.errors.at(-1) as unknown) : error.cause;
  return nested instanceof Error ? innermost(nested) : describeError(error).replace(/\.$/, "");
}
