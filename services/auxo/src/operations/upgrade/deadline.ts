// Whether what is left to an invocation covers what begins with stopping the writers: it ends with their start.
import { DeadlineTooShort } from "../../errors.ts";
import type { Upgrade } from "./flow.ts";

/** Calls, and looks between them. */
const OWN_MS = 10_000;

/** Longest that the writers are down: what has a limit of its own between their stop and their start. */
export function pauseNeedsMs({ scene, observation, changed, isPlanned, input }: Upgrade): number {
  const { drainMs, migrateMs, rolloutMs, gateMs, startMs } = scene.fleet.limits;
  const { migrator } = observation;
  const isMigrating = migrator !== null && isPlanned("migrate");
  const isGated = scene.fleet.restartWriters === "after-rollout" && changed.length > 0;
  return (
    drainMs +
    (isMigrating ? Math.min(migrateMs, migrator.timeoutMs) : 0) +
    (changed.length > 0 ? scene.platform.registerMs : 0) +
    (isGated ? rolloutMs : 0) +
    (isGated && input.gate === "checks" ? gateMs : 0) +
    startMs +
    OWN_MS
  );
}

/** The same of a rollback, which stops them once more. */
export function rollbackNeedsMs({ scene, observation }: Upgrade): number {
  const { drainMs, functionUpdateMs, startMs } = scene.fleet.limits;
  return drainMs + (observation.migrator === null ? 0 : functionUpdateMs) + startMs + OWN_MS;
}

/** Throws DeadlineTooShort; never where nothing ends the invocation. */
export function assertTimeLeft({ remainingMs }: Upgrade, neededMs: number): void {
  if (remainingMs === undefined) return;
  const leftMs = remainingMs();
  if (leftMs < neededMs) throw new DeadlineTooShort({ remainingMs: leftMs, neededMs });
}
