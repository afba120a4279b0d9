// Deletes a topic's records without deleting the topic, and sees that they are gone.
import { systemClock, type Clock } from "@tidegate/kernel";
import type { KafkaAdmin, Watermarks } from "../client/open-admin.ts";
import { KafkaTopicNotEmpty } from "../errors/kafka-errors.ts";

export interface ClearTopicOptions {
  readonly topic: string;
  /** Tries in all, the first included. */
  readonly attempts: number;
  /** Before try n + 1: 2^n × this. */
  readonly retryMs: number;
  /** Told about each failed try. */
  readonly onFailedTry?: (failure: {
    readonly topic: string;
    readonly attempt: number;
    readonly error: unknown;
    readonly waitMs: number | undefined;
    /** As far as they could be read. */
    readonly watermarks: readonly Watermarks[] | undefined;
  }) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface ClearedTopic {
  readonly topic: string;
  readonly partitions: number;
  /** How many were there when it began. */
  readonly records: bigint;
}

/**
 * Deletes all records of the topic's partitions as the cluster has them now, and verifies low = high watermark of every one.
 * Throws KafkaTopicNotEmpty when a writer fills it again and again, KafkaTopicMissing, KafkaUnreachable, KafkaRefused.
 */
export async function clearTopic(admin: KafkaAdmin, options: ClearTopicOptions): Promise<ClearedTopic> {
  const { topic, signal } = options;
  const clock = options.clock ?? systemClock;
  let first: bigint | undefined;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    let watermarks: readonly Watermarks[] | undefined;
    try {
      watermarks = await watermarksOf(admin, topic);
      first ??= recordsIn(watermarks);
      watermarks = await clearOnce(admin, topic, watermarks);
      const left = watermarks.filter((one) => one.low !== one.high);
      if (left.length === 0) return { topic, partitions: watermarks.length, records: first };
      throw new KafkaTopicNotEmpty({
        topic,
        records: recordsIn(watermarks),
        partitions: left.map((one) => one.partition),
      });
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const isLast = attempt >= options.attempts;
      const waitMs = isLast ? undefined : 2 ** attempt * options.retryMs;
      options.onFailedTry?.({ topic, attempt, error, waitMs, watermarks });
      if (waitMs === undefined) throw error;
      await clock.sleep(waitMs, signal);
    }
  }
}

/** Only partitions that hold something are asked to delete it. */
async function clearOnce(
  admin: KafkaAdmin,
  topic: string,
  before: readonly Watermarks[],
): Promise<readonly Watermarks[]> {
  const filled = before.filter((one) => one.low !== one.high);
  if (filled.length === 0) return before;
  await admin.deleteRecords(
    topic,
    filled.map((one) => one.partition),
  );
  return watermarksOf(admin, topic);
}

async function watermarksOf(admin: KafkaAdmin, topic: string): Promise<readonly Watermarks[]> {
  return (await admin.readWatermarks([topic])).get(topic) ?? [];
}

/** Offsets between the watermarks: an upper bound, as compacted or transactional topics have offsets without a record. */
export function recordsIn(watermarks: readonly Watermarks[]): bigint {
  return watermarks.reduce((sum, { low, high }) => sum + (high - low), 0n);
}
