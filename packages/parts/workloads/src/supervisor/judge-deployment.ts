// The verdict about the newest deployment, from what its instances do.
import type { ObservedDeployment } from "../processes/state-files.ts";
import type { Phase } from "./slot.ts";

export interface DeploymentView {
  readonly id: string;
  readonly release: string;
  readonly desiredCount: number;
  /** The verdict so far, if it is about the same deployment and the same desired count. */
  readonly former: Pick<ObservedDeployment, "state" | "reason"> | undefined;
  readonly slots: readonly {
    readonly index: number;
    readonly phase: Phase;
    readonly isCurrent: boolean;
    readonly failures: number;
    readonly reason: string | undefined;
  }[];
  readonly failuresToFailed: number;
}

/**
 * Completed when exactly the desired instances run, all healthy and on the new release; failed when its instances failed
 * too often; else in progress. What was completed stays so when an instance crashes later (that shows in its restarts);
 * what failed is still tried, and completes if a try succeeds.
 */
export function judgeDeployment(view: DeploymentView): ObservedDeployment {
  const { id, release, slots, former } = view;
  const isThere =
    slots.length === view.desiredCount && slots.every((slot) => slot.isCurrent && slot.phase === "running");
  if (isThere || former?.state === "completed") return { id, release, state: "completed" };
  const failing = slots.filter((slot) => slot.isCurrent && slot.failures > 0);
  const failures = failing.reduce((sum, slot) => sum + slot.failures, 0);
  const worst = failing.toSorted((a, b) => b.failures - a.failures)[0];
  if (failures >= view.failuresToFailed && worst !== undefined)
    return {
      id,
      release,
      state: "failed",
      reason: `its instances failed ${failures} times in a row, the last time because ${worst.reason ?? `instance ${worst.index} ended`}`,
    };
  if (former?.state === "failed") return { id, release, ...former };
  return { id, release, state: "in-progress" };
}
