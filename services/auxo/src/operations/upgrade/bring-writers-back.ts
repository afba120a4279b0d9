// The undoing of a pause: all writers on one side, started at their counts, and seen to run.
import type { StepContext } from "@tidegate/engine";
import { describeError, retry } from "@tidegate/kernel";
import { WritersDown } from "../../errors.ts";
import { BY_ALL_MEANS, type Upgrade } from "./flow.ts";
import { awaitRollout } from "./steps/await-rollout.ts";

/** Within one try of the step that undoes. */
const PATIENCE_MS = 8 * 60_000;

/** Each is tried, also when another is refused. Throws WritersDown, with names and counts. */
export async function bringWritersBack(upgrade: Upgrade, step: StepContext): Promise<void> {
  const { scene, writers, clock } = upgrade;
  const { signal } = step;
  const patience = { ...BY_ALL_MEANS, deadlineMs: PATIENCE_MS, clock, signal };
  await retry(async () => alignWriters(upgrade), patience).catch((error: unknown) => {
    throw new WritersDown({ writers: countsOf(upgrade), problems: [describeError(error)] });
  });
  const started = await Promise.allSettled(
    writers.map(async ({ name, restartAt }) => {
      const { deploymentId } = await retry(
        async () => scene.platform.workloads.update(name, { desiredCount: restartAt ?? 0 }),
        patience,
      );
      return [name, deploymentId] as const;
    }),
  );
  const refused = started.flatMap((one, index) =>
    one.status === "rejected" ? [`${writers[index]?.name ?? ""}: ${describeError(one.reason)}`] : [],
  );
  const deployments = Object.fromEntries(started.flatMap((one) => (one.status === "fulfilled" ? [one.value] : [])));
  const limitMs = scene.fleet.limits.startMs;
  const { verdicts } = await awaitRollout(scene, deployments, { step, clock, limitMs });
  const unstable = verdicts.flatMap(({ service, problem }) => (problem === null ? [] : [`${service}: ${problem}`]));
  if (refused.length + unstable.length > 0) {
    throw new WritersDown({ writers: countsOf(upgrade), problems: [...refused, ...unstable] });
  }
}

/**
 * Never two versions writing: where some writers are on a new revision and others are not, those that were moved go back to the revision that
 * the run found. To be called while they are stopped. Gives the names of those that it moved.
 */
export async function alignWriters({ scene, writers, changed }: Upgrade): Promise<readonly string[]> {
  const toMove = writers.filter((writer) => changed.some((one) => one.name === writer.name));
  if (toMove.length < 2) return [];
  const { workloads } = scene.platform;
  const statuses = await workloads.describeAll(toMove.map((one) => one.name));
  const moved = toMove.filter(({ name, revision }) => statuses.get(name)?.revision.id !== revision);
  if (moved.length === 0 || moved.length === toMove.length) return [];
  for (const { name, revision } of moved) await workloads.update(name, { revision });
  return moved.map((one) => one.name);
}

/** "ender at 2, roundtable at 1". */
export function countsOf({ writers }: Pick<Upgrade, "writers">): string {
  return writers.map((one) => `${one.name} at ${one.restartAt ?? 0}`).join(", ");
}
