// All records of the topics: 1. what they hold is marked  2. it is deleted, topic by topic, side by side  3. what was written meanwhile is marked and deleted in turn.
import type { RunContext } from "@tidegate/engine";
import { KafkaTopicNotEmpty, type ClearedTopic, type KafkaAdmin } from "@tidegate/kafka";
import { clearOneTopic, markTopics, tellFailedTry, withAdmin, type ClearDeps } from "./steps/change-topics.ts";

const LIMIT_MS = 30 * 60_000;
const MARK_OPTIONS = { timeoutMs: 60_000, retry: { attempts: 4, baseMs: 500, maxMs: 5_000 } };

/**
 * Each round's marks are a recorded step, so that a killed round is gone on with, and one that wakes late deletes nothing newer. Rounds, and the waits
 * between them, are the document's tries. Throws KafkaTopicNotEmpty when somebody goes on writing.
 */
export async function clearAllTopics(
  deps: ClearDeps,
  context: RunContext,
  names: readonly string[],
): Promise<{ readonly records: bigint }> {
  // An event without topics needs no Kafka, and may have none.
  if (names.length === 0) return { records: 0n };
  // One client for all steps: it connects inside the first that is performed here, and not at all when all are recorded.
  return withAdmin(deps.config, async (admin) => clearInRounds({ ...deps, admin }, context, names));
}

type Deps = ClearDeps & { readonly admin: KafkaAdmin };

async function clearInRounds(
  deps: Deps,
  context: RunContext,
  names: readonly string[],
): Promise<{ readonly records: bigint }> {
  const { clearMaxRetries: rounds, clearRetryMs: retryMs } = deps.config;
  let records = 0n;
  let left = names;
  for (let round = 1; left.length > 0; round++) {
    const cleared = await clearRound(deps, context, { names: left, suffix: round === 1 ? "" : `-${round}` });
    records += cleared.reduce((sum, one) => sum + one.records, 0n);
    const filled = cleared.filter((one) => one.newer > 0n);
    const waitMs = round < rounds ? 2 ** round * retryMs : null;
    for (const one of filled) tellFilled(deps, one, { attempt: round, waitMs });
    const [first] = filled;
    if (first !== undefined && waitMs === null) throw notEmpty(first);
    if (first !== undefined && waitMs !== null) await context.sleep(`clear-again-${round + 1}`, waitMs);
    left = filled.map((one) => one.topic);
  }
  return { records };
}

async function clearRound(
  deps: Deps,
  context: RunContext,
  { names, suffix }: { readonly names: readonly string[]; readonly suffix: string },
): Promise<readonly ClearedTopic[]> {
  const marked = await context.step(`mark-topics${suffix}`, async () => markTopics(deps.admin, names), MARK_OPTIONS);
  return context.all(
    `clear-topics${suffix}`,
    marked.map(
      (topic) => async () =>
        context.step(`clear-topic-${topic.topic}${suffix}`, async (step) => clearOneTopic(deps, step, topic), {
          timeoutMs: LIMIT_MS,
        }),
    ),
  );
}

function tellFilled(
  { logger }: ClearDeps,
  cleared: ClearedTopic,
  { attempt, waitMs }: { readonly attempt: number; readonly waitMs: number | null },
): void {
  const { topic, watermarks: topicMetadata } = cleared;
  tellFailedTry(logger, { topic, attempt, error: notEmpty(cleared), topicMetadata, waitMs });
}

function notEmpty({ topic, newer, watermarks }: ClearedTopic): KafkaTopicNotEmpty {
  const filled = watermarks.filter((one) => one.low !== one.high);
  return new KafkaTopicNotEmpty({ topic, records: newer, partitions: filled.map((one) => one.partition) });
}
