// Writes records, batch after batch, each acknowledged by all replicas before the next.
import { compatibilityPartitioner, ProduceAcks, Producer } from "@platformatic/kafka";
import { mapKafkaError } from "../errors/map-kafka-error.ts";
import { KafkaTopicMissing } from "../errors/kafka-errors.ts";
import { clientOptions, type KafkaConnection } from "./connection.ts";
import { openAdmin } from "./open-admin.ts";

export interface KafkaRecord {
  /** Decides the partition, as Java's client does: murmur2(key) & 0x7fffffff, modulo the number of partitions. */
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers?: KafkaHeaders;
}

/** Made once by `kafkaHeaders`, and shared by many records. */
export type KafkaHeaders = ReadonlyMap<Buffer, Buffer>;

export function kafkaHeaders(fields: Readonly<Record<string, string>>): KafkaHeaders {
  return new Map(Object.entries(fields).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]));
}

export interface KafkaProducer {
  /** Resolves when every in-sync replica has the whole batch. Records of one key keep their order, within a batch and over batches. */
  readonly send: (records: readonly KafkaRecord[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Sees that the topic is there. Throws KafkaTopicMissing, KafkaUnreachable, KafkaLoginRefused. */
export async function openProducer(connection: KafkaConnection, topic: string): Promise<KafkaProducer> {
  const admin = openAdmin(connection);
  try {
    if (!(await admin.describeTopics([topic])).has(topic)) throw new KafkaTopicMissing({ topics: [topic] });
  } finally {
    await admin.close();
  }
  const producer = new Producer({
    ...clientOptions(connection),
    acks: ProduceAcks.ALL,
    // A repeated request of this producer is written once, in its place.
    idempotent: true,
    // The library's own default differs from Java's for keys whose hash has the sign bit.
    partitioner: compatibilityPartitioner,
  });
  return {
    send: async (records) => {
      if (records.length === 0) return;
      try {
        await producer.send({ messages: records.map((record) => toMessage(topic, record)) });
      } catch (error) {
        throw mapKafkaError(error, `Writing ${records.length} records to topic ${topic}`, connection.brokers);
      }
    },
    close: async () => producer.close(),
  };
}

function toMessage(topic: string, { key, value, headers }: KafkaRecord) {
  // The library only reads them.
  return headers === undefined ? { topic, key, value } : { topic, key, value, headers: headers as Map<Buffer, Buffer> };
}
