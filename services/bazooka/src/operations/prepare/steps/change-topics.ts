// The steps on Kafka: a topic created or grown, a topic cleared.
import type { StepContext } from "@tidegate/engine";
import {
  clearTopic,
  ensureTopic,
  openAdmin,
  type ClearedTopic,
  type EnsuredTopic,
  type KafkaAdmin,
} from "@tidegate/kafka";
import { describeError, type Logger } from "@tidegate/kernel";
import type { BazookaConfig } from "../../../config.ts";
import { requireKafka } from "../../../stores.ts";
import type { KafkaFacts, PlannedTopic } from "../../../types.ts";

export async function createTopic(
  config: BazookaConfig,
  kafka: KafkaFacts,
  topic: PlannedTopic,
): Promise<EnsuredTopic> {
  return withAdmin(config, async (admin) =>
    ensureTopic(admin, { name: topic.name, partitions: topic.partitions, replicas: kafka.replicas }),
  );
}

export async function clearOneTopic(
  { config, logger }: { readonly config: BazookaConfig; readonly logger: Logger },
  step: StepContext,
  topic: string,
): Promise<ClearedTopic> {
  return withAdmin(config, async (admin) =>
    clearTopic(admin, {
      topic,
      attempts: config.clearMaxRetries,
      retryMs: config.clearRetryMs,
      signal: step.signal,
      onFailedTry: ({ attempt, error, waitMs, watermarks }) => {
        const context = { topic, attempt, error, topicMetadata: watermarks ?? null, waitMs: waitMs ?? null };
        if (waitMs === undefined) logger.error("change-topics.ts#clearOneTopic", "Clearing the topic failed", context);
        else logger.warn("change-topics.ts#clearOneTopic", "Clearing the topic is tried again", context);
        step.progress({ done: attempt, total: config.clearMaxRetries, unit: "tries", message: describeError(error) });
      },
    }),
  );
}

/** One client each: topics are cleared side by side, and share nothing. */
async function withAdmin<T>(config: BazookaConfig, work: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
  const admin = openAdmin(requireKafka(config));
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}
