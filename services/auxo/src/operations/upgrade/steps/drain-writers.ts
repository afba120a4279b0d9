// Waits until no process of a writer is left: not merely none that counts as running.
import { waitUntil, type Clock } from "@tidegate/kernel";
import type { StepContext } from "@tidegate/engine";
import type { WorkloadStatus } from "@tidegate/workloads";
import { WritersRunning } from "../../../errors.ts";
import type { Scene } from "../observe.ts";

const isGone = (status: WorkloadStatus): boolean =>
  status.desiredCount === 0 && status.runningCount === 0 && status.pendingCount === 0;

export async function drainWriters(
  { fleet, platform }: Scene,
  writers: readonly string[],
  { step, clock }: { readonly step: StepContext; readonly clock: Clock },
): Promise<{ readonly at: Date }> {
  const left = async (): Promise<readonly WorkloadStatus[]> =>
    [...(await platform.workloads.describeAll(writers, { instances: "when-needed" })).values()].filter(
      (status) => !isGone(status),
    );
  await waitUntil(
    async () => {
      const alive = await left();
      step.progress({
        done: writers.length - alive.length,
        total: writers.length,
        unit: "writers",
        message: alive
          .map((one) => `${one.service}: ${one.runningCount} running, ${one.pendingCount} pending`)
          .join("; "),
      });
      return alive.length === 0 ? true : undefined;
    },
    {
      what: `The end of ${writers.join(" and ")}`,
      limitMs: fleet.limits.drainMs,
      everyMs: platform.pollMs,
      remedy: "Look at why they do not end; the fleet's limits.drainMs is how long they may take.",
      signal: step.signal,
      clock,
    },
  );
  return { at: clock.now() };
}

/** The last look before what needs them down; `what`: "the database is migrated". Throws WritersRunning. */
export async function assertDrained(
  { platform }: Pick<Scene, "platform">,
  writers: readonly string[],
  what: string,
): Promise<void> {
  if (writers.length === 0) return;
  const statuses = await platform.workloads.describeAll(writers);
  const alive = [...statuses.values()].filter((status) => !isGone(status)).map((status) => status.service);
  if (alive.length > 0) throw new WritersRunning({ writers: alive.toSorted(), what });
}
