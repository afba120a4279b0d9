// The writers' pause: stopped before the database is touched, and brought back whatever happens.
import type { Stopped } from "./steps/stop-writers.ts";
import { recordCounts, stopWriters } from "./steps/stop-writers.ts";
import { drainWriters } from "./steps/drain-writers.ts";
import { awaitRollout, type Awaited } from "./steps/await-rollout.ts";
import type { ServiceFacts } from "../../types.ts";
import { bringWritersBack } from "./bring-writers-back.ts";
import { assertTimeLeft, pauseNeedsMs } from "./deadline.ts";
import { AGAIN, BY_ALL_MEANS, STEP_ROOM_MS, type Upgrade } from "./flow.ts";

export interface Pause {
  readonly stoppedAt: Date;
  readonly drainedAt: Date;
}

/** Throws DeadlineTooShort before anything is stopped. When it throws later, writers may be stopped: bring them back. */
export async function pauseWriters(upgrade: Upgrade): Promise<Pause> {
  const { context, scene, writers, clock } = upgrade;
  // The look at the clock is recorded with it: a run that is resumed with little time left goes on all the same.
  const record = async (): Promise<void> => {
    assertTimeLeft(upgrade, pauseNeedsMs(upgrade));
    await recordCounts(scene, writers);
  };
  await context.step("record-writers", record, {
    retry: AGAIN,
    // A cancelled upgrade ends with its writers running, on whatever revision they have by then. Here and not at the stop: that
    // may be cancelled half-way.
    compensate: async (step) => bringWritersBack(upgrade, step),
  });
  const stopped = await context.step("stop-writers", async () => stopWriters(scene, writers, clock), { retry: AGAIN });
  return drain(upgrade, stopped);
}

async function drain({ context, scene, writers, clock }: Upgrade, stopped: Stopped): Promise<Pause> {
  const names = writers.map((one) => one.name);
  const drained = await context.step("drain-writers", async (step) => drainWriters(scene, names, { step, clock }), {
    timeoutMs: scene.fleet.limits.drainMs + STEP_ROOM_MS,
  });
  return { stoppedAt: stopped.at, drainedAt: drained.at };
}

export interface Restarted {
  /** When the last of them ran. */
  readonly at: Date;
  /** From being told to run until then. */
  readonly startMs: number;
  readonly verdicts: readonly Awaited[];
}

/**
 * Starts every writer at its count and waits until it runs. Step names begin with `prefix`: a rollback starts them a second time.
 * Throws only when the platform could not be told for a long time; a writer that does not become stable is a verdict.
 */
export async function restartWriters(upgrade: Upgrade, prefix = ""): Promise<Restarted> {
  const { context, scene, writers, clock } = upgrade;
  const started = await context.all(
    `${prefix}restart-writers`,
    writers.map((writer) => async () => {
      const options = { retry: BY_ALL_MEANS };
      return context.step(`${prefix}restart-${writer.name}`, async () => startWriter(upgrade, writer), options);
    }),
  );
  const deployments = Object.fromEntries(started.map((one) => [one.service, one.deploymentId]));
  const limitMs = scene.fleet.limits.startMs;
  const { at, verdicts } = await context.step(
    `${prefix}await-writers`,
    async (step) => awaitRollout(scene, deployments, { step, clock, limitMs }),
    { retry: AGAIN, timeoutMs: limitMs + STEP_ROOM_MS },
  );
  const toldAt = Math.min(...started.map((one) => one.at.getTime()));
  return { at, verdicts, startMs: started.length === 0 ? 0 : at.getTime() - toldAt };
}

async function startWriter(
  { scene, clock }: Pick<Upgrade, "scene" | "clock">,
  { name, restartAt }: ServiceFacts,
): Promise<{ readonly service: string; readonly deploymentId: string; readonly at: Date }> {
  const at = clock.now();
  const { deploymentId } = await scene.platform.workloads.update(name, { desiredCount: restartAt ?? 0 });
  return { service: name, deploymentId, at };
}

/** For the end of an upgrade that failed. */
export function writersSentences(
  { writers }: Pick<Upgrade, "writers">,
  verdicts: readonly Awaited[],
): readonly string[] {
  const bad = verdicts.filter((one) => one.problem !== null);
  if (writers.length === 0) return [];
  if (bad.length === 0)
    return [`The writers run again: ${writers.map((one) => `${one.name} at ${one.restartAt ?? 0}`).join(", ")}.`];
  return [
    `The writers are started at their counts, and not all are stable: ${bad.map((one) => `${one.service}: ${one.problem ?? ""}`).join("; ")}.`,
  ];
}
