// Back to the revisions that the run found: writers stopped first, so that never two versions write.
import { failureOf, AGAIN, STEP_ROOM_MS, type Upgrade } from "./flow.ts";
import type { Rolled } from "./roll-services.ts";
import { awaitRollout } from "./steps/await-rollout.ts";
import { drainWriters } from "./steps/drain-writers.ts";
import { stopWriters } from "./steps/stop-writers.ts";
import { updateBazooka } from "./steps/update-bazooka.ts";
import { restartWriters } from "./writers.ts";

/** Asks where the event says so. Gives what is to be said about it, and whether the writers run. */
export async function rollBack(
  upgrade: Upgrade,
  facts: { readonly rolled: readonly Rolled[]; readonly failure: Error },
): Promise<readonly string[] | undefined> {
  const { context, input, scene } = upgrade;
  if (input.rollback === "never" || facts.rolled.length === 0) return undefined;
  if (input.rollback === "ask") {
    const question = `${facts.failure.message} Roll ${scene.names.target} back to the revisions that ran before?`;
    const answer = await failureOf(async () =>
      context.waitForApproval("rollback-approval", { timeoutMs: scene.fleet.limits.approvalMs, question }),
    );
    if (answer !== undefined) return [`It was not rolled back: ${answer.message}`];
  }
  const failed = await failureOf(async () => goBack(upgrade, facts.rolled));
  if (failed !== undefined) return [`The rollback failed, too: ${failed.message}`];
  return [
    `It was rolled back: ${facts.rolled.map((one) => one.service).join(", ")} are on the revisions that ran before.`,
  ];
}

async function goBack(upgrade: Upgrade, rolled: readonly Rolled[]): Promise<void> {
  const { context, scene, observation, writers, clock } = upgrade;
  const { workloads } = scene.platform;
  const rolledWriters = writers.filter((one) => rolled.some(({ service }) => service === one.name));
  if (rolledWriters.length > 0) {
    await context.step("rollback-stop-writers", async () => stopWriters(scene, writers, clock), { retry: AGAIN });
    const names = writers.map((one) => one.name);
    await context.step("rollback-drain-writers", async (step) => drainWriters(scene, names, { step, clock }), {
      timeoutMs: scene.fleet.limits.drainMs + STEP_ROOM_MS,
    });
  }
  const back = await context.all(
    "rollback",
    rolled.map(({ service }) => async () => {
      // Rolled services are among the observed ones.
      const revision = observation.services.find((one) => one.name === service)?.revision ?? "";
      const effect = async (): Promise<Rolled> => {
        const { deploymentId } = await workloads.update(service, { revision });
        return { service, revision, deploymentId };
      };
      return context.step(`rollback-${service}`, effect, { retry: AGAIN });
    }),
  );
  const { migrator } = observation;
  if (migrator !== null && migrator.image !== null && migrator.image !== migrator.targetImage) {
    const target = { name: migrator.function, image: migrator.image };
    await context.step("rollback-bazooka", async (step) => updateBazooka(scene, target, step), {
      retry: AGAIN,
      timeoutMs: scene.fleet.limits.functionUpdateMs + STEP_ROOM_MS,
    });
  }
  if (rolledWriters.length > 0) await restartWriters(upgrade, "rollback-");
  const deployments = Object.fromEntries(back.map((one) => [one.service, one.deploymentId]));
  const limitMs = scene.fleet.limits.rolloutMs;
  const { verdicts } = await context.step(
    "rollback-await",
    async (step) => awaitRollout(scene, deployments, { step, clock, limitMs }),
    { retry: AGAIN, timeoutMs: limitMs + STEP_ROOM_MS },
  );
  const bad = verdicts.filter((one) => one.problem !== null);
  if (bad.length > 0) throw new Error(bad.map((one) => `${one.service}: ${one.problem ?? ""}`).join("; "));
}
