// Back to the revisions that the run found: writers stopped first, so that never two versions write.
import { TidegateError } from "@tidegate/kernel";
import { assertTimeLeft, rollbackNeedsMs } from "./deadline.ts";
import { awaitRollout } from "./steps/await-rollout.ts";
import { drainWriters } from "./steps/drain-writers.ts";
import { stopWriters, type Stopped } from "./steps/stop-writers.ts";
import { updateBazooka } from "./steps/update-bazooka.ts";
import { AGAIN, failureOf, STEP_ROOM_MS, type Upgrade } from "./flow.ts";
import { restartWriters, writersSentences, type Restarted } from "./writers.ts";

export interface RolledBack {
  /** What became of it, as sentences. */
  readonly told: readonly string[];
  /** False where it did not touch the writers. */
  readonly hasStartedWriters: boolean;
}

/** Asks where the event says so; undefined where it says never, or nothing was moved. Throws nothing but a cancel. */
export async function rollBack(
  upgrade: Upgrade,
  facts: { readonly services: readonly string[]; readonly failure: Error },
): Promise<RolledBack | undefined> {
  const { context, input, scene } = upgrade;
  const { services, failure } = facts;
  if (input.rollback === "never" || services.length === 0) return undefined;
  if (input.rollback === "ask") {
    const question = `${failure.message} Roll ${scene.names.target} back to the revisions that ran before?`;
    const answer = await failureOf(async () =>
      context.waitForApproval("rollback-approval", { timeoutMs: scene.fleet.limits.approvalMs, question }),
    );
    if (answer !== undefined) return { told: [`It was not rolled back: ${answer.message}`], hasStartedWriters: false };
  }
  const failed = await failureOf(async () => goBack(upgrade, services));
  if (failed instanceof TidegateError && failed.code === "auxo.deadline-too-short")
    return { told: [`It was not rolled back: ${failed.message}`], hasStartedWriters: false };
  if (failed === undefined) {
    const told = [`It was rolled back: ${services.join(", ")} are on the revisions that ran before.`];
    return { told, hasStartedWriters: true };
  }
  // Wherever it ended, the writers belong up.
  const said = `The rollback failed, too: ${failed.message}`;
  let restarted: Restarted | undefined;
  const restart = await failureOf(async () => (restarted = await restartWriters(upgrade, "after-rollback-")));
  // Whoever called tries once more, and says what is left.
  if (restarted === undefined) return { told: [said, restart?.message ?? ""], hasStartedWriters: false };
  return { told: [said, ...writersSentences(upgrade, restarted.verdicts)], hasStartedWriters: true };
}

async function goBack(upgrade: Upgrade, services: readonly string[]): Promise<void> {
  const { context, scene, observation, writers, clock } = upgrade;
  const { limits } = scene.fleet;
  if (writers.length > 0) {
    const stop = async (): Promise<Stopped> => {
      assertTimeLeft(upgrade, rollbackNeedsMs(upgrade));
      return stopWriters(scene, writers, clock);
    };
    await context.step("rollback-stop-writers", stop, { retry: AGAIN });
    const names = writers.map((one) => one.name);
    await context.step("rollback-drain-writers", async (step) => drainWriters(scene, names, { step, clock }), {
      timeoutMs: limits.drainMs + STEP_ROOM_MS,
    });
  }
  const back = await context.all(
    "rollback",
    services.map((service) => async () => {
      // Those that were moved are among those that were observed.
      const revision = observation.services.find((one) => one.name === service)?.revision ?? "";
      const effect = async () => scene.platform.workloads.update(service, { revision });
      return context.step(`rollback-${service}`, effect, { retry: AGAIN });
    }),
  );
  await restoreBazooka(upgrade);
  if (writers.length > 0) await restartWriters(upgrade, "rollback-");
  const deployments = Object.fromEntries(services.map((service, index) => [service, back[index]?.deploymentId ?? ""]));
  const limitMs = limits.rolloutMs;
  const { verdicts } = await context.step(
    "rollback-await",
    async (step) => awaitRollout(scene, deployments, { step, clock, limitMs }),
    { retry: AGAIN, timeoutMs: limitMs + STEP_ROOM_MS },
  );
  const bad = verdicts.filter((one) => one.problem !== null);
  if (bad.length > 0) throw new Error(`${bad.map((one) => `${one.service}: ${one.problem ?? ""}`).join("; ")}.`);
}

async function restoreBazooka({ context, scene, observation }: Upgrade): Promise<void> {
  const { migrator } = observation;
  if (migrator === null || migrator.image === null || migrator.image === migrator.targetImage) return;
  const target = { name: migrator.function, image: migrator.image };
  await context.step("rollback-bazooka", async (step) => updateBazooka(scene, target, step), {
    retry: AGAIN,
    timeoutMs: scene.fleet.limits.functionUpdateMs + STEP_ROOM_MS,
  });
}
