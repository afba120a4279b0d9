// Reads a topic's partitions from positions that the caller keeps. No consumer group: where reading goes on is stored with what was read,
// in one transaction, and no rebalance has to be waited for after a kill.
import { Consumer, IS_CONTROL, ListOffsetTimestamps, type RecordsBatch } from "@platformatic/kafka";
import { askKafka, clientOptions, type KafkaPlace } from "./client-options.ts";

interface TopicRecord {
  readonly offset: bigint;
  /** Null for a record without one. */
  readonly value: Buffer | null;
}

/** What follows a position in one partition. */
export interface PartitionBatch {
  readonly partition: number;
  /** By offset. May be empty where only markers of the cluster itself followed. */
  readonly records: readonly TopicRecord[];
  /** Where reading goes on. */
  readonly nextOffset: bigint;
}

export interface TopicReader {
  readonly topic: string;
  /** Numbers of all partitions, as the cluster has them now or a few seconds ago. Throws TopicMissing. */
  readonly partitions: () => Promise<readonly number[]>;
  /** By partition: the first offset kept, or the next to be written. */
  readonly edge: (which: "earliest" | "latest") => Promise<ReadonlyMap<number, bigint>>;
  /** Waits up to a quarter of a second for records at these positions. Throws OffsetOutOfRange, KafkaTrouble. */
  readonly read: (positions: ReadonlyMap<number, bigint>) => Promise<readonly PartitionBatch[]>;
  readonly close: () => Promise<void>;
}

/** Longest wait for records: also how long a stop waits for a fetch under way. */
const WAIT_MS = 250;
const BATCH_BYTES = 1_000_000;

/** Connects on first use. */
export function openReader(place: KafkaPlace, topic: string): TopicReader {
  const consumer = new Consumer({
    ...clientOptions(place),
    // Named in errors only: the group is never joined.
    groupId: `${place.clientId}-reader`,
    maxWaitTime: WAIT_MS,
    maxBytes: BATCH_BYTES,
  });
  consumer.topics.track(topic);
  const describe = async () => {
    const metadata = await askKafka(`Describing topic ${topic}`, topic, async () =>
      consumer.metadata({ topics: [topic] }),
    );
    return metadata.topics.get(topic) ?? { id: "", partitions: [] };
  };
  return {
    topic,
    partitions: async () => (await describe()).partitions.map((_, partition) => partition),
    edge: async (which) => {
      const timestamp = which === "earliest" ? ListOffsetTimestamps.EARLIEST : ListOffsetTimestamps.LATEST;
      const offsets = await askKafka(`Reading offsets of ${topic}`, topic, async () =>
        consumer.listOffsets({ topics: [topic], timestamp }),
      );
      return new Map((offsets.get(topic) ?? []).map((offset, partition) => [partition, offset] as const));
    },
    read: async (positions) => {
      const { id, partitions } = await describe();
      const byLeader = Map.groupBy(positions.keys(), (partition) => partitions[partition]?.leader ?? -1);
      const responses = await Promise.all(
        [...byLeader].map(async ([node, members]) =>
          askKafka(`Reading topic ${topic}`, topic, async () =>
            consumer.fetch({
              node,
              topics: [{ topicId: id, partitions: members.map((one) => wanted(one, positions)) }],
            }),
          ),
        ),
      );
      return responses.flatMap((response) => batchesOf(response, positions));
    },
    close: async () => consumer.close(),
  };
}

function wanted(partition: number, positions: ReadonlyMap<number, bigint>) {
  return {
    partition,
    fetchOffset: positions.get(partition) ?? 0n,
    partitionMaxBytes: BATCH_BYTES,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  };
}

type FetchResponse = Awaited<ReturnType<Consumer["fetch"]>>;

function batchesOf({ responses }: FetchResponse, positions: ReadonlyMap<number, bigint>): readonly PartitionBatch[] {
  return responses.flatMap(({ partitions }) =>
    partitions.flatMap(({ partitionIndex: partition, records }) => {
      const from = positions.get(partition);
      const last = records?.at(-1);
      if (from === undefined || last === undefined) return [];
      const nextOffset = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
      return nextOffset <= from
        ? []
        : [{ partition, records: (records ?? []).flatMap((one) => recordsOf(one, from)), nextOffset }];
    }),
  );
}

/** A batch of the log comes whole, also what lies before the position. */
function recordsOf(batch: RecordsBatch, from: bigint): readonly TopicRecord[] {
  if ((batch.attributes & IS_CONTROL) !== 0) return [];
  return batch.records
    .map(({ offsetDelta, value }) => ({ offset: batch.firstOffset + BigInt(offsetDelta), value }))
    .filter(({ offset }) => offset >= from);
}
