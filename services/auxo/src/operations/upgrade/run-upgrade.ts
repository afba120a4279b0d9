// The flow of an upgrade, line by line as operation.ts numbers it.
import { TidegateError } from "@tidegate/kernel";
import type { UpgradeResult } from "../../types.ts";
import { describeState, type Reached } from "./describe-state.ts";
import { ended, failWithWritersBack, MIGRATING, type Failure } from "./fail-upgrade.ts";
import { AGAIN, failureOf, STEP_ROOM_MS, type Upgrade } from "./flow.ts";
import { rollBack } from "./roll-back.ts";
import { awaitServices, rollServices, type Rolled } from "./roll-services.ts";
import type { Awaited } from "./steps/await-rollout.ts";
import { checkHealth } from "./steps/check-health.ts";
import { longestMigrationMs, migrateDatabase } from "./steps/migrate-database.ts";
import { updateBazooka } from "./steps/update-bazooka.ts";
import { verifyFleet } from "./steps/verify-fleet.ts";
import { pauseWriters, restartWriters, writersSentences, type Pause, type Restarted } from "./writers.ts";

/** Throws UpgradeFailed, which says in which state everything was left. */
export async function runUpgrade(upgrade: Upgrade): Promise<UpgradeResult> {
  const reached: Reached = { isBazookaTouched: false, isMigrationTold: false, isMigrated: false };
  upgrade.context.whenCancelled("state", async () => describeState(upgrade, reached));
  reached.isBazookaTouched = upgrade.isPlanned("update-bazooka");
  await replaceBazooka(upgrade);
  const pause = upgrade.isPlanned("stop-writers") ? await stop(upgrade) : undefined;
  reached.isMigrationTold = upgrade.isPlanned("migrate");
  const migrateMs = await migrate(upgrade, pause);
  reached.isMigrated = reached.isMigrationTold;
  const rolled = await roll(upgrade, pause);
  const isGated = upgrade.scene.fleet.restartWriters === "after-rollout";
  if (isGated) await settle(upgrade, { rolled, restarted: undefined, isPaused: pause !== undefined });
  const restarted = upgrade.isPlanned("restart-writers") ? await restart(upgrade) : undefined;
  if (isGated) await judgeWriters(upgrade, { rolled, restarted });
  else await settle(upgrade, { rolled, restarted, isPaused: false });
  await verify(upgrade, rolled);
  return report(upgrade, { pause, migrateMs, rolled, restarted });
}

async function replaceBazooka(upgrade: Upgrade): Promise<void> {
  const { context, scene, observation, isPlanned } = upgrade;
  const { migrator } = observation;
  if (migrator === null || !isPlanned("update-bazooka")) return;
  const target = { name: migrator.function, image: migrator.targetImage };
  const failure = await failureOf(async () =>
    context.step("update-bazooka", async (step) => updateBazooka(scene, target, step), {
      retry: AGAIN,
      timeoutMs: scene.fleet.limits.functionUpdateMs + STEP_ROOM_MS,
    }),
  );
  if (failure !== undefined)
    throw ended(upgrade, { at: "upgrading Bazooka", cause: failure }, ["No writer was stopped."]);
}

async function stop(upgrade: Upgrade): Promise<Pause> {
  let pause: Pause | undefined;
  const failure = await failureOf(async () => (pause = await pauseWriters(upgrade)));
  if (pause !== undefined) return pause;
  const cause = failure ?? new Error("nothing was stopped");
  const at = "stopping the writers";
  // Refused before anything was stopped.
  if (cause instanceof TidegateError && cause.code === "auxo.deadline-too-short")
    throw ended(upgrade, { at, cause }, []);
  return failWithWritersBack(upgrade, { at, cause }, ["The database was not touched."]);
}

/** Gives how long it took, in milliseconds. */
async function migrate(upgrade: Upgrade, pause: Pause | undefined): Promise<number> {
  const { context, scene, input, writers, clock, observation, isPlanned } = upgrade;
  const { migrator } = observation;
  if (migrator === null || !isPlanned("migrate")) return 0;
  let tookMs = 0;
  const facts = { migrator, input, writers: writers.map((one) => one.name) };
  const failure = await failureOf(async () => {
    const done = await context.step("migrate", async (step) => migrateDatabase(scene, facts, { step, clock }), {
      // What is begun cannot be recalled: a cancel waits, so that no writer is started beside it.
      cancel: "waits",
      retry: AGAIN,
      timeoutMs: longestMigrationMs(scene, migrator) + STEP_ROOM_MS,
    });
    ({ tookMs } = done);
  });
  if (failure === undefined) return tookMs;
  const state = [
    "No service was moved.",
    ...(isPlanned("update-bazooka") ? [`${migrator.function} runs the new image.`] : []),
  ];
  if (pause === undefined) throw ended(upgrade, { at: MIGRATING, cause: failure }, state);
  return failWithWritersBack(upgrade, { at: MIGRATING, cause: failure }, state);
}

async function roll(upgrade: Upgrade, pause: Pause | undefined): Promise<readonly Rolled[]> {
  if (upgrade.changed.length === 0) return [];
  let rolled: readonly Rolled[] | undefined;
  const failure = await failureOf(
    async () => (rolled = await rollServices(upgrade, { isPaused: pause !== undefined })),
  );
  if (rolled !== undefined) return rolled;
  const cause = failure ?? new Error("nothing was rolled");
  const at = "moving the services to their new revisions";
  // Which of them were moved before the refusal is not told apart: going back leaves those alone that were not.
  const back = await rollBack(upgrade, { services: upgrade.changed.map((one) => one.name), failure: cause });
  const state = [
    ...(upgrade.observation.migrator === null ? [] : ["The database is migrated."]),
    ...(back?.told ?? ["Some services may be on their new revision."]),
  ];
  if (pause === undefined || back?.hasStartedWriters === true) throw ended(upgrade, { at, cause }, state);
  return failWithWritersBack(upgrade, { at, cause }, state);
}

async function restart(upgrade: Upgrade): Promise<Restarted> {
  let restarted: Restarted | undefined;
  const failure = await failureOf(async () => (restarted = await restartWriters(upgrade)));
  if (restarted !== undefined) return restarted;
  const cause = failure ?? new Error("no writer was started");
  return failWithWritersBack(upgrade, { at: "starting the writers", cause }, [
    ...(upgrade.isPlanned("migrate") ? ["The database is migrated."] : []),
    ...(upgrade.changed.length > 0 ? ["The services are on their new revisions."] : []),
  ]);
}

/** Every deployment completed, and the gate passed; or rolled back, or left as it is, and failed. */
async function settle(
  upgrade: Upgrade,
  facts: { readonly rolled: readonly Rolled[]; readonly restarted: Restarted | undefined; readonly isPaused: boolean },
): Promise<void> {
  const { rolled, restarted, isPaused } = facts;
  const services = rolled.length === 0 ? [] : await awaitServices(upgrade, rolled);
  const failure = rolloutFailure([...services, ...(restarted?.verdicts ?? [])]) ?? (await gate(upgrade, rolled));
  if (failure === undefined) return;
  const back = await rollBack(upgrade, { services: rolled.map((one) => one.service), failure: failure.cause });
  const told = back?.told ?? ["It was not rolled back."];
  if (isPaused && back?.hasStartedWriters !== true) return failWithWritersBack(upgrade, failure, told);
  const isUntouched = back?.hasStartedWriters !== true;
  throw ended(upgrade, failure, [
    ...told,
    ...(isUntouched ? writersSentences(upgrade, restarted?.verdicts ?? []) : []),
  ]);
}

async function judgeWriters(
  upgrade: Upgrade,
  { rolled, restarted }: { readonly rolled: readonly Rolled[]; readonly restarted: Restarted | undefined },
): Promise<void> {
  const failure = rolloutFailure(restarted?.verdicts ?? []);
  if (failure === undefined) return;
  const back = await rollBack(upgrade, { services: rolled.map((one) => one.service), failure: failure.cause });
  throw ended(upgrade, failure, back?.told ?? ["It was not rolled back."]);
}

function rolloutFailure(verdicts: readonly Awaited[]): Failure | undefined {
  const bad = [...new Map(verdicts.filter((one) => one.problem !== null).map((one) => [one.service, one])).values()];
  if (bad.length === 0) return undefined;
  const message = bad.map((one) => `${one.service}: ${one.problem ?? ""}`).join("; ");
  return { at: "waiting for the services to be stable", cause: new Error(message) };
}

async function gate(upgrade: Upgrade, rolled: readonly Rolled[]): Promise<Failure | undefined> {
  const { context, input, scene, clock } = upgrade;
  const { limits } = scene.fleet;
  if (input.gate === "off" || rolled.length === 0) return undefined;
  const cause = await failureOf(async () => {
    if (input.gate === "checks") {
      await context.step("check-health", async (step) => checkHealth(scene, { step, clock }), {
        timeoutMs: limits.gateMs + STEP_ROOM_MS,
      });
    }
    if (input.gate === "approval") {
      const question = `${scene.names.target} runs ${input.upgrade_tag} and is stable. Is it healthy?`;
      await context.waitForApproval("health-approval", { timeoutMs: limits.approvalMs, question });
    }
  });
  return cause === undefined ? undefined : { at: "seeing whether the new services are healthy", cause };
}

async function verify(upgrade: Upgrade, rolled: readonly Rolled[]): Promise<void> {
  const { context, scene, observation } = upgrade;
  const revisions = new Map(rolled.map((one) => [one.service, one.revision]));
  const wanted = observation.services.map(({ name, restartAt }) => ({
    name,
    revision: revisions.get(name) ?? null,
    count: restartAt,
  }));
  const { problems } = await context.step("verify", async () => verifyFleet(scene, wanted), { retry: AGAIN });
  if (problems.length > 0)
    throw ended(upgrade, { at: "looking at it once more", cause: new Error(`${problems.join("; ")}.`) }, []);
}

function report(
  upgrade: Upgrade,
  facts: {
    readonly pause: Pause | undefined;
    readonly migrateMs: number;
    readonly rolled: readonly Rolled[];
    readonly restarted: Restarted | undefined;
  },
): UpgradeResult {
  const { input, scene, observation } = upgrade;
  const { pause, restarted, migrateMs, rolled } = facts;
  const { migrator } = observation;
  const revisions = new Map(rolled.map((one) => [one.service, one.revision]));
  const services = observation.services.map((one) => ({
    name: one.name,
    from: one.revision,
    to: revisions.get(one.name) ?? one.revision,
    desiredCount: one.restartAt ?? one.counts.desired,
  }));
  const bazooka = migrator === null ? null : { from: migrator.image, to: migrator.targetImage };
  const onlyDatabase = input.onlyRunDbMigrationAndCreateKafkaTopics;
  const base = { tag: input.upgrade_tag, target: scene.names.target, services, bazooka, onlyDatabase };
  if (pause === undefined || restarted === undefined) return { ...base, writerPauseMs: null, parts: null };
  const ms = (from: Date, to: Date): number => to.getTime() - from.getTime();
  return {
    ...base,
    writerPauseMs: ms(pause.stoppedAt, restarted.at),
    parts: { drainMs: ms(pause.stoppedAt, pause.drainedAt), migrateMs, startMs: restarted.startMs },
  };
}
