// New revisions: registered first, all of them; then every service is moved to its own.
import type { Upgrade } from "./flow.ts";
import { AGAIN, STEP_ROOM_MS, withinLimit } from "./flow.ts";
import { assertDrained } from "./steps/drain-writers.ts";
import { awaitRollout, type Awaited } from "./steps/await-rollout.ts";

export interface Rolled {
  readonly service: string;
  readonly revision: string;
  readonly deploymentId: string;
}

/**
 * Throws what the platform refuses; some services may be moved then, and others not. Writers that were stopped for it are moved only while
 * they are down: a run that is retried from here may find them started again, and old and new ones would write side by side.
 */
export async function rollServices(
  upgrade: Upgrade,
  { isPaused }: { readonly isPaused: boolean },
): Promise<readonly Rolled[]> {
  const { context, scene, changed } = upgrade;
  const { workloads } = scene.platform;
  const revisions = await context.all(
    "register",
    changed.map(({ name, target }) => async () => {
      const wanted = target ?? { release: upgrade.input.upgrade_tag };
      const effect = async () => withinLimit(async () => workloads.registerRevision(name, wanted));
      return context.step(`register-${name}`, effect, { retry: AGAIN });
    }),
  );
  return context.all(
    "roll",
    changed.map(({ name, isWriter }, index) => async () => {
      // As many revisions as services.
      const revision = revisions[index]?.id ?? "";
      const effect = async (): Promise<Rolled> => {
        if (isPaused && isWriter) await assertDrained(scene, [name], "it is moved to a new revision");
        const { deploymentId } = await workloads.update(name, { revision });
        return { service: name, revision, deploymentId };
      };
      return context.step(`roll-${name}`, effect, { retry: AGAIN });
    }),
  );
}

export async function awaitServices(upgrade: Upgrade, rolled: readonly Rolled[]): Promise<readonly Awaited[]> {
  const { context, scene, clock } = upgrade;
  const deployments = Object.fromEntries(rolled.map((one) => [one.service, one.deploymentId]));
  const limitMs = scene.fleet.limits.rolloutMs;
  const effect = context.step(
    "await-rollout",
    async (step) => awaitRollout(scene, deployments, { step, clock, limitMs }),
    { retry: AGAIN, timeoutMs: limitMs + STEP_ROOM_MS },
  );
  return (await effect).verdicts;
}
