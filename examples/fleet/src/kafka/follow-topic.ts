// From a topic into a store that keeps its own positions: what is stored, and where reading goes on, are one.
import type { Logger } from "@tidegate/kernel";
import { OffsetOutOfRange } from "../errors.ts";
import { keepTrying } from "../service/keep-trying.ts";
import type { PartitionBatch, TopicReader } from "./open-reader.ts";

export interface TopicStore {
  /** Where reading goes on, for the partitions of which it knows; read again after every failure. */
  readonly positions: () => Promise<ReadonlyMap<number, bigint>>;
  /**
   * Stores the records and the batch's next offset, all or nothing, if the store still stands at `from`. Gives where it stands then: elsewhere
   * when another process was quicker, and nothing of this batch was stored.
   */
  readonly store: (batch: PartitionBatch, from: bigint) => Promise<bigint>;
}

export interface FollowOptions {
  readonly reader: TopicReader;
  readonly store: TopicStore;
  /** For partitions that the store does not know yet. */
  readonly start: "earliest" | "latest";
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly at: string;
  /** Called after each round that succeeded, with the positions reached. */
  readonly onRound?: (positions: ReadonlyMap<number, bigint>) => void;
}

/** Follows until the signal is aborted, and ends with a whole batch. Throws what trying again does not help. */
export async function followTopic(options: FollowOptions): Promise<void> {
  await keepTrying(async (succeeded) => {
    try {
      await follow(options, succeeded);
    } catch (error) {
      if (!(error instanceof OffsetOutOfRange)) throw error;
      await moveIntoRange(options);
    }
  }, options);
}

async function follow(options: FollowOptions, succeeded: () => void): Promise<void> {
  const { reader, store, signal } = options;
  const positions = new Map(await store.positions());
  while (!signal.aborted) {
    await addNewPartitions(options, positions);
    for (const batch of await reader.read(positions)) {
      const from = positions.get(batch.partition) ?? 0n;
      positions.set(batch.partition, await store.store(batch, from));
    }
    succeeded();
    options.onRound?.(positions);
  }
}

/** Also those that are added while it runs. */
async function addNewPartitions({ reader, start }: FollowOptions, positions: Map<number, bigint>): Promise<void> {
  const fresh = (await reader.partitions()).filter((partition) => !positions.has(partition));
  if (fresh.length === 0) return;
  // Of a partition that was added under way, nothing has been read: it begins with its first record.
  const edge = await reader.edge(positions.size === 0 ? start : "earliest");
  for (const partition of fresh) positions.set(partition, edge.get(partition) ?? 0n);
}

/** What was deleted before it was read is lost, and said to be. */
async function moveIntoRange({ reader, store, logger, at }: FollowOptions): Promise<void> {
  const low = await reader.edge("earliest");
  const high = await reader.edge("latest");
  for (const [partition, from] of await store.positions()) {
    const first = low.get(partition) ?? 0n;
    if (from >= first && from <= (high.get(partition) ?? 0n)) continue;
    logger.warn(at, "The topic does not have the stored position any more", {
      partition,
      stored: from,
      goesOnAt: first,
    });
    await store.store({ partition, records: [], nextOffset: first }, from);
  }
}
