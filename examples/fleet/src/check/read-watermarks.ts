// Kafka's side of the comparison: what each partition holds, by the cluster's own word.
import { Admin, FetchIsolationLevels, ListOffsetTimestamps } from "@platformatic/kafka";
import { askKafka, clientOptions } from "../kafka/client-options.ts";
import type { Watermarks } from "./fleet-facts.ts";

/** Throws TopicMissing, KafkaTrouble. */
export async function readWatermarks(brokers: readonly string[], topic: string): Promise<readonly Watermarks[]> {
  const admin = new Admin(clientOptions({ brokers, clientId: "fleet-check" }));
  try {
    const { topics } = await askKafka(`Describing ${topic}`, topic, async () => admin.metadata({ topics: [topic] }));
    const count = topics.get(topic)?.partitionsCount ?? 0;
    const offsets = async (timestamp: bigint): Promise<ReadonlyMap<number, bigint>> => {
      const partitions = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }));
      const listed = await askKafka(`Reading offsets of ${topic}`, topic, async () =>
        admin.listOffsets({
          isolationLevel: FetchIsolationLevels.READ_UNCOMMITTED,
          topics: [{ name: topic, partitions }],
        }),
      );
      return new Map(
        listed.flatMap((one) => one.partitions.map((mark) => [mark.partitionIndex, mark.offset] as const)),
      );
    };
    const high = await offsets(ListOffsetTimestamps.LATEST);
    const low = await offsets(ListOffsetTimestamps.EARLIEST);
    return Array.from({ length: count }, (_, partition) => ({
      partition,
      low: low.get(partition) ?? 0n,
      high: high.get(partition) ?? 0n,
    }));
  } finally {
    await admin.close();
  }
}
