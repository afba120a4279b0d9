// What must hold when an upgrade has ended, whatever was killed meanwhile.
import { waitUntil } from "@tidegate/kernel";
import { expect } from "vitest";
import { WRITERS, type FleetUnderTest, type RunSeen } from "./open-fleet.ts";

/** The writers are at their desired count, and running: a killed one is started again. Gives their releases. */
export async function expectWritersBack(fleet: FleetUnderTest): Promise<readonly string[]> {
  const statuses = async () => Promise.all(WRITERS.map(async (name) => fleet.workloads.describe(name)));
  for (const status of await statuses()) expect(status, status.service).toMatchObject({ desiredCount: 1 });
  const running = await waitUntil(
    async () => {
      const all = await statuses();
      return all.every((one) => one.runningCount === 1 && one.pendingCount === 0) ? all : undefined;
    },
    { what: "The writers running", limitMs: 60_000, everyMs: 100, remedy: JSON.stringify(await statuses()) },
  );
  return running.map((one) => one.release);
}

/** Nothing was lost or doubled, and each version's writes ended before the next one's began, in this order. */
export async function expectNothingLost(fleet: FleetUnderTest, versions: readonly string[]): Promise<void> {
  const comparison = await fleet.compare();
  expect(comparison.findings).toEqual([]);
  expect(comparison.versions.map((one) => one.version)).toEqual(versions);
  for (const { pauseBeforeUs } of comparison.versions.slice(1)) expect(pauseBeforeUs).toBeGreaterThan(0n);
}

/** For messages of failed tests. */
export function told(run: RunSeen): string {
  return JSON.stringify({ state: run.state, error: run.error, steps: run.steps });
}
