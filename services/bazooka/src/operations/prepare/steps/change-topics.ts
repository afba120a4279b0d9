// The steps on Kafka: a topic created or grown, a topic cleared.
import type { StepContext } from "@tidegate/engine";
import {
  clearTopic,
  ensureTopic,
  openAdmin,
  type ClearedTopic,
  type EnsuredTopic,
  type KafkaAdmin,
  type Watermarks,
} from "@tidegate/kafka";
import { describeError, type Logger } from "@tidegate/kernel";
import type { BazookaConfig } from "../../../config.ts";
import { requireKafka } from "../../../stores.ts";
import type { KafkaFacts, PlannedTopic } from "../../../types.ts";

export interface ClearDeps {
  readonly config: BazookaConfig;
  readonly logger: Logger;
}

export async function createTopic(
  config: BazookaConfig,
  kafka: KafkaFacts,
  topic: PlannedTopic,
): Promise<EnsuredTopic> {
  return withAdmin(config, async (admin) =>
    ensureTopic(admin, { name: topic.name, partitions: topic.partitions, replicas: kafka.replicas }),
  );
}

/** What a topic held when its clearing was decided on. */
interface TopicMarks {
  readonly topic: string;
  readonly marks: readonly Watermarks[];
}

/** Recorded once, before anything is deleted: an executor that comes late with them deletes nothing that was written since. */
export async function markTopics(admin: KafkaAdmin, topics: readonly string[]): Promise<readonly TopicMarks[]> {
  return [...(await admin.readWatermarks(topics))].map(([topic, marks]) => ({ topic, marks }));
}

export async function clearOneTopic(
  { config, logger, admin }: ClearDeps & { readonly admin: KafkaAdmin },
  step: Pick<StepContext, "signal" | "progress">,
  { topic, marks }: TopicMarks,
): Promise<ClearedTopic> {
  return clearTopic(admin, {
    topic,
    marks,
    attempts: config.clearMaxRetries,
    retryMs: config.clearRetryMs,
    signal: step.signal,
    onFailedTry: ({ attempt, error, waitMs, watermarks }) => {
      tellFailedTry(logger, { topic, attempt, error, topicMetadata: watermarks, waitMs: waitMs ?? null });
      step.progress({ done: attempt, total: config.clearMaxRetries, unit: "tries", message: describeError(error) });
    },
  });
}

/** As the document names the fields: topic, attempt, topicMetadata. */
export function tellFailedTry(
  logger: Logger,
  failure: {
    readonly topic: string;
    readonly attempt: number;
    readonly error: unknown;
    readonly topicMetadata: readonly Watermarks[];
    /** Null when it is not tried again. */
    readonly waitMs: number | null;
  },
): void {
  if (failure.waitMs === null)
    logger.error("change-topics.ts#clearOneTopic", "Clearing the topic failed", { ...failure });
  else logger.warn("change-topics.ts#clearOneTopic", "Clearing the topic is tried again", { ...failure });
}

/** It connects when it is first asked, and is closed at the end. Topics may be worked on side by side: nothing in it is shared between them. */
export async function withAdmin<T>(config: BazookaConfig, work: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
  const admin = openAdmin(requireKafka(config));
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}
