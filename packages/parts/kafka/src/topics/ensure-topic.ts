// A topic with at least the partitions that are wanted: created when missing, grown when smaller, left alone when larger.
import { waitUntil } from "@tidegate/kernel";
import type { KafkaAdmin, NewTopic } from "../client/open-admin.ts";
import { KafkaRefused } from "../errors/kafka-errors.ts";

export type EnsuredTopic =
  | { readonly did: "created" | "nothing"; readonly partitions: number }
  | { readonly did: "grown"; readonly partitions: number; readonly from: number }
  /** It has more than wanted, and partitions are never taken away. */
  | { readonly did: "left-larger"; readonly partitions: number };

/** A broker tells of a change some milliseconds after the controller has made it. */
const SETTLED_LIMIT_MS = 15_000;

/** Harmless to repeat, also beside somebody who does the same. Resolves when every partition has a leader. */
export async function ensureTopic(admin: KafkaAdmin, wanted: NewTopic): Promise<EnsuredTopic> {
  const there = (await admin.describeTopics([wanted.name])).get(wanted.name);
  if (there !== undefined) return grow(admin, wanted, there.partitions);
  try {
    await admin.createTopic(wanted);
  } catch (error) {
    if (!isRefusal(error, "TOPIC_ALREADY_EXISTS")) throw error;
    return grow(admin, wanted, await settled(admin, wanted.name, 1));
  }
  return { did: "created", partitions: await settled(admin, wanted.name, wanted.partitions) };
}

async function grow(admin: KafkaAdmin, wanted: NewTopic, from: number): Promise<EnsuredTopic> {
  const asItIs = (partitions: number): EnsuredTopic => ({
    did: partitions === wanted.partitions ? "nothing" : "left-larger",
    partitions,
  });
  if (from >= wanted.partitions) return asItIs(from);
  try {
    await admin.growTopic(wanted.name, wanted.partitions);
  } catch (error) {
    // Somebody was quicker: it has as many already, or more.
    if (!isRefusal(error, "INVALID_PARTITIONS")) throw error;
    return asItIs(await settled(admin, wanted.name, wanted.partitions));
  }
  return { did: "grown", partitions: await settled(admin, wanted.name, wanted.partitions), from };
}

/** Waits until the topic shows at least so many partitions, each with a leader; gives how many it has. */
async function settled(admin: KafkaAdmin, name: string, atLeast: number): Promise<number> {
  return waitUntil(
    async () => {
      const facts = (await admin.describeTopics([name])).get(name);
      return facts !== undefined && facts.isReady && facts.partitions >= atLeast ? facts.partitions : undefined;
    },
    {
      what: `Topic "${name}" showing ${atLeast} partitions with a leader each`,
      limitMs: SETTLED_LIMIT_MS,
      everyMs: 50,
      remedy: "Look at the cluster: brokers may be down, or its controller slow. Then run it again.",
    },
  );
}

function isRefusal(error: unknown, name: string): boolean {
  return error instanceof KafkaRefused && error.details["error"] === name;
}
