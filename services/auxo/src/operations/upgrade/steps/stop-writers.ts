// Records the writers' counts where the platform keeps them, then stops them.
import type { Clock } from "@tidegate/kernel";
import { COUNT_TAG } from "../../../constants.ts";
import type { ServiceFacts } from "../../../types.ts";
import type { Scene } from "../observe.ts";

/** When the first one was asked to stop. */
export interface Stopped {
  readonly at: Date;
}

/** The counts are in the journal already, which the killed run resumes from; the tag is for whoever finds the services without it. */
export async function recordCounts({ fleet, platform }: Scene, writers: readonly ServiceFacts[]): Promise<void> {
  if (!fleet.tagCounts) return;
  for (const { name, restartAt } of writers) {
    if (restartAt === null || restartAt === 0) continue;
    await platform.workloads.update(name, { tags: { [COUNT_TAG]: String(restartAt) } });
  }
}

/** All are asked, also when one refuses; then the first refusal is thrown, and the step tried again. */
export async function stopWriters(
  { platform }: Pick<Scene, "platform">,
  writers: readonly ServiceFacts[],
  clock: Clock,
): Promise<Stopped> {
  const at = clock.now();
  const asked = await Promise.allSettled(
    writers.map(async ({ name }) => platform.workloads.update(name, { desiredCount: 0 })),
  );
  for (const one of asked) if (one.status === "rejected") throw one.reason;
  return { at };
}
