// Writes records, each acknowledged by all replicas.
import { compatibilityPartitioner, ProduceAcks, Producer } from "@platformatic/kafka";
import { askKafka, clientOptions, type KafkaPlace } from "./client-options.ts";

interface OutgoingRecord {
  readonly topic: string;
  /** Decides the partition where none is given. */
  readonly key: string;
  readonly value: string;
  readonly partition?: number;
}

export interface Sender {
  /** Resolves when every in-sync replica has them; gives the offset of the first record by `topic/partition`. Throws KafkaTrouble: some may be there nevertheless. */
  readonly send: (records: readonly OutgoingRecord[]) => Promise<ReadonlyMap<string, bigint>>;
  /** Throws TopicMissing. */
  readonly partitions: (topic: string) => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Connects on first use. */
export function openSender(place: KafkaPlace): Sender {
  const producer = new Producer({
    ...clientOptions(place),
    acks: ProduceAcks.ALL,
    idempotent: true,
    partitioner: compatibilityPartitioner,
  });
  return {
    send: async (records) => {
      if (records.length === 0) return new Map();
      const topics = [...new Set(records.map((one) => one.topic))].join(", ");
      const messages = records.map(({ key, value, ...rest }) => ({
        ...rest,
        key: Buffer.from(key),
        value: Buffer.from(value),
      }));
      const { offsets = [] } = await askKafka(`Writing to ${topics}`, topics, async () => producer.send({ messages }));
      return new Map(offsets.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset] as const));
    },
    partitions: async (topic) => {
      const { topics } = await askKafka(`Describing topic ${topic}`, topic, async () =>
        producer.metadata({ topics: [topic] }),
      );
      return topics.get(topic)?.partitionsCount ?? 0;
    },
    close: async () => producer.close(),
  };
}
