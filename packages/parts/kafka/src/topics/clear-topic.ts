// Deletes a topic's records up to marks that were read before, without deleting the topic, and sees that they are gone.
import { systemClock, type Clock } from "@tidegate/kernel";
import type { DeleteMark, KafkaAdmin, Watermarks } from "../client/open-admin.ts";
import { KafkaRefused, KafkaTopicNotEmpty } from "../errors/kafka-errors.ts";

/** What a cluster says of a mark beyond the end, and of one in a partition that a topic made anew does not have. */
const BEYOND: readonly string[] = ["OFFSET_OUT_OF_RANGE", "UNKNOWN_TOPIC_OR_PARTITION"];

export interface ClearTopicOptions {
  readonly topic: string;
  /** What was in it when the clearing was decided on: what lies below `high` goes. Read them once, and keep them over a kill. */
  readonly marks: readonly Watermarks[];
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
    /** As they were read last: the marks, when not even that could be done. */
    readonly watermarks: readonly Watermarks[];
  }) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface ClearedTopic {
  readonly topic: string;
  readonly partitions: number;
  /** How many the marks counted. */
  readonly records: bigint;
  /** Written since, and left: 0 means that low = high watermark of every partition. */
  readonly newer: bigint;
  /** Of the partitions as they are now. */
  readonly watermarks: readonly Watermarks[];
}

/**
 * Deletes the records below the marks, in all partitions, and verifies that they are gone. Harmless to repeat, however late: what was written after
 * the marks were read is left. Throws KafkaTopicNotEmpty when the cluster keeps what it was told to delete, KafkaTopicMissing, KafkaUnreachable, KafkaRefused.
 */
export async function clearTopic(admin: KafkaAdmin, options: ClearTopicOptions): Promise<ClearedTopic> {
  const { topic, signal } = options;
  const clock = options.clock ?? systemClock;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    let { marks: watermarks } = options;
    try {
      await deleteBelow(admin, topic, options.marks);
      watermarks = await watermarksOf(admin, topic);
      refuseKept(topic, below(options.marks, watermarks), watermarks);
      const [records, newer] = [recordsIn(options.marks), recordsIn(watermarks)];
      return { topic, partitions: watermarks.length, records, newer, watermarks };
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

/** Not looked at before: to delete what is gone is nothing to the cluster. Only a mark that lies beyond the end is refused. */
async function deleteBelow(admin: KafkaAdmin, topic: string, marks: readonly Watermarks[]): Promise<void> {
  const filled = marks
    .filter(({ low, high }) => low !== high)
    .map(({ partition, high }) => ({ partition, upTo: high }));
  if (filled.length === 0) return;
  try {
    await admin.deleteRecords(topic, filled);
  } catch (error) {
    if (!(error instanceof KafkaRefused) || !BEYOND.includes(String(error.details["error"]))) throw error;
    const deletable = below(marks, await watermarksOf(admin, topic));
    if (deletable.length > 0) await admin.deleteRecords(topic, deletable);
  }
}

/** Where there still is something below a mark. A partition that ends before its mark is another one of the same name: its topic was made anew. */
function below(marks: readonly Watermarks[], now: readonly Watermarks[]): readonly DeleteMark[] {
  return marks.flatMap(({ partition, high }) => {
    const one = now[partition];
    return one !== undefined && one.low < high && high <= one.high ? [{ partition, upTo: high }] : [];
  });
}

function refuseKept(topic: string, kept: readonly DeleteMark[], now: readonly Watermarks[]): void {
  if (kept.length === 0) return;
  const records = kept.reduce((sum, { partition, upTo }) => sum + (upTo - (now[partition]?.low ?? upTo)), 0n);
  throw new KafkaTopicNotEmpty({ topic, records, partitions: kept.map((one) => one.partition) });
}

async function watermarksOf(admin: KafkaAdmin, topic: string): Promise<readonly Watermarks[]> {
  return (await admin.readWatermarks([topic])).get(topic) ?? [];
}

/** Offsets between the watermarks: an upper bound, as compacted or transactional topics have offsets without a record. */
export function recordsIn(watermarks: readonly Watermarks[]): bigint {
  return watermarks.reduce((sum, { low, high }) => sum + (high - low), 0n);
}
