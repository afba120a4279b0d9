// The administrative side of a cluster. Every call has a limit, every error a type.
import { Admin, FetchIsolationLevels, ListOffsetTimestamps } from "@platformatic/kafka";
import { KafkaRefused, KafkaTopicMissing } from "../errors/kafka-errors.ts";
import { mapKafkaError } from "../errors/map-kafka-error.ts";
import { clientOptions, type KafkaConnection } from "./connection.ts";

export interface ClusterFacts {
  readonly id: string;
  /** host:port of every broker that the cluster counts now, by id. */
  readonly brokers: readonly string[];
}

export interface TopicFacts {
  readonly name: string;
  readonly partitions: number;
  /** Of its first partition; a topic's partitions share it unless somebody reassigned them one by one. */
  readonly replicas: number;
  /** Every partition has a leader, so that it can be written and read. */
  readonly isReady: boolean;
}

/** What a partition holds: offsets from `low` (the first kept) up to, and without, `high` (the next to be written). */
export interface Watermarks {
  readonly partition: number;
  readonly low: bigint;
  readonly high: bigint;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
}

export interface KafkaAdmin {
  readonly describeCluster: () => Promise<ClusterFacts>;
  /** Of the names given, those that exist. */
  readonly describeTopics: (names: readonly string[]) => Promise<ReadonlyMap<string, TopicFacts>>;
  /** All or none by topic; throws KafkaRefused, with error TOPIC_ALREADY_EXISTS when somebody was quicker. */
  readonly createTopic: (topic: NewTopic) => Promise<void>;
  /** Raises the number of partitions to `partitions`; the cluster refuses to lower it (INVALID_PARTITIONS). */
  readonly growTopic: (topic: string, partitions: number) => Promise<void>;
  /** By topic, each partition once, by number. Throws KafkaTopicMissing. */
  readonly readWatermarks: (topics: readonly string[]) => Promise<ReadonlyMap<string, readonly Watermarks[]>>;
  /** Deletes the records before each mark. The topic stays. A mark beyond the high watermark is refused (OFFSET_OUT_OF_RANGE). */
  readonly deleteRecords: (topic: string, marks: readonly DeleteMark[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Never Kafka's own "all there is" (−1): whoever comes late with that deletes what was written since. */
export interface DeleteMark {
  readonly partition: number;
  /** The first offset that is kept. */
  readonly upTo: bigint;
}

/** Connects on first use. */
export function openAdmin(connection: KafkaConnection): KafkaAdmin {
  const admin = new Admin(clientOptions(connection));
  const mapped = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw mapKafkaError(error, what, connection.brokers);
    }
  };
  const describeTopics = async (names: readonly string[]): Promise<ReadonlyMap<string, TopicFacts>> => {
    // Asked for a topic that is not there, the library tries for seconds; so it is asked for those that are.
    const there = new Set(await mapped("Listing topics", async () => admin.listTopics({ includeInternals: true })));
    const known = names.filter((name) => there.has(name));
    if (known.length === 0) return new Map();
    const { topics } = await mapped("Describing topics", async () =>
      admin.metadata({ topics: known, forceUpdate: true }),
    );
    return new Map(
      known.map((name) => {
        const facts = topics.get(name);
        const partitions = facts?.partitions ?? [];
        const isReady = partitions.length > 0 && partitions.every((one) => one.leader >= 0);
        return [name, { name, partitions: partitions.length, replicas: partitions[0]?.replicas.length ?? 0, isReady }];
      }),
    );
  };
  return {
    describeCluster: async () => describeCluster(mapped, admin),
    describeTopics,
    createTopic: async ({ name, partitions, replicas }) => {
      await mapped(`Creating topic ${name}`, async () =>
        admin.createTopics({ topics: [{ topic: name, partitions, replicas }] }),
      );
    },
    growTopic: async (name, count) => {
      await mapped(`Adding partitions to topic ${name}`, async () =>
        admin.createPartitions({ topics: [{ name, count, assignments: null }] }),
      );
    },
    readWatermarks: async (names) => readWatermarks({ admin, mapped, describeTopics }, names),
    deleteRecords: async (name, marks) => {
      const partitions = marks.map(({ partition, upTo }) => ({ partition, offset: upTo }));
      await mapped(`Deleting the records of topic ${name}`, async () =>
        admin.deleteRecords({ topics: [{ name, partitions }] }),
      );
    },
    close: async () => admin.close(),
  };
}

type Mapped = <T>(what: string, call: () => Promise<T>) => Promise<T>;

async function describeCluster(mapped: Mapped, admin: Admin): Promise<ClusterFacts> {
  const { id, brokers } = await mapped("Describing the cluster", async () =>
    admin.metadata({ topics: [], forceUpdate: true }),
  );
  const byId = [...brokers.entries()].toSorted(([one], [other]) => one - other);
  return { id, brokers: byId.map(([, { host, port }]) => `${host}:${port}`) };
}

async function readWatermarks(
  {
    admin,
    mapped,
    describeTopics,
  }: { readonly admin: Admin; readonly mapped: Mapped; readonly describeTopics: KafkaAdmin["describeTopics"] },
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly Watermarks[]>> {
  if (names.length === 0) return new Map();
  const topics = await describeTopics(names);
  const missing = names.filter((name) => !topics.has(name));
  if (missing.length > 0) throw new KafkaTopicMissing({ topics: missing });
  const offsets = async (timestamp: bigint): Promise<Map<string, bigint>> => {
    const listed = await mapped("Reading offsets", async () =>
      admin.listOffsets({
        isolationLevel: FetchIsolationLevels.READ_UNCOMMITTED,
        topics: [...topics.values()].map(({ name, partitions }) => ({
          name,
          partitions: Array.from({ length: partitions }, (_, partitionIndex) => ({ partitionIndex, timestamp })),
        })),
      }),
    );
    return new Map(
      listed.flatMap((topic) =>
        topic.partitions.map((one) => [`${topic.name}/${one.partitionIndex}`, one.offset] as const),
      ),
    );
  };
  // The high ones first: what is read as low afterwards can then not be more than what was there.
  const high = await offsets(ListOffsetTimestamps.LATEST);
  const low = await offsets(ListOffsetTimestamps.EARLIEST);
  const at = (marks: Map<string, bigint>, topic: string, partition: number): bigint => {
    const offset = marks.get(`${topic}/${partition}`);
    if (offset !== undefined) return offset;
    const said = `partition ${partition} of ${topic} is missing from the answer`;
    throw new KafkaRefused({ what: "Reading offsets", error: "INCOMPLETE_ANSWER", said, canRetry: true });
  };
  return new Map(
    [...topics.values()].map(({ name, partitions }) => [
      name,
      Array.from({ length: partitions }, (_, partition) => ({
        partition,
        low: at(low, name, partition),
        high: at(high, name, partition),
      })),
    ]),
  );
}
