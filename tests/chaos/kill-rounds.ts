// kill -9 of everything, or of some, at random moments, then `up` again; at the end the tables must equal the ledger.
import { setTimeout as sleep } from "node:timers/promises";
import { startTemporaryInstallation, type TemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { expect } from "vitest";
import { processesOf } from "../installation/processes-of.ts";
import { compareWithLedger, type ComparedCounts } from "../market/compare-with-ledger.ts";
import { quiet } from "../market/quiet.ts";

export interface KillRounds {
  readonly rounds: number;
  readonly seed: number;
}

/**
 * Each round waits a random time (so that the kill falls into the start as often as into the steady state), then kills with SIGKILL
 * either every process of the installation or a random half of them, the supervisor, the servers and anvil included, and runs `up` again.
 */
export async function killRounds({ rounds, seed }: KillRounds): Promise<ComparedCounts> {
  const random = seededRandom(seed);
  // Blocks faster than real time, so that each round has some.
  const installation = await startTemporaryInstallation(["--traffic-rate", "20", "--traffic-seed", String(seed)], {
    TIDEGATE_CHAIN_BLOCK_TIME_MS: "300",
  });
  const portBase = String(installation.ports.operator - 78);
  const upAgain = (): string =>
    installation.tidegate([
      "up",
      "--detach",
      "--port-base",
      portBase,
      "--traffic-rate",
      "20",
      "--traffic-seed",
      String(seed),
    ]);
  try {
    for (let round = 0; round < rounds; round++) {
      await sleep(random.integer(0, 2_000));
      const all = processesOf(installation.home);
      // After a round that killed half of them some are still on their way back.
      expect(all.length, "processes to kill").toBeGreaterThan(0);
      const isAll = round % 2 === 0;
      const victims = isAll ? all : all.filter(() => random.next() < 0.5);
      for (const { pid } of victims) kill(pid);
      // Half of them killed and the supervisor alive: it mends by itself, and a second `up` would rightly be refused.
      const supervisorDied = victims.some(({ command }) => / up --home | up --port-base /.test(command));
      if (isAll || supervisorDied) upAgain();
    }
    await waitUntil(() => (isHealthy(installation) ? true : undefined), {
      what: "A healthy installation after the last kill",
      limitMs: 90_000,
      everyMs: 500,
      remedy: installation.tidegate(["status"], true),
    });
    const counts = await compareWithLedger(await quiet(installation));
    installation.tidegate(["down"]);
    expect(processesOf(installation.home)).toEqual([]);
    return counts;
  } finally {
    installation.remove();
  }
}

function isHealthy(installation: TemporaryInstallation): boolean {
  return (JSON.parse(installation.tidegate(["status", "--json"], true)) as { isHealthy: boolean }).isHealthy;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    // It died with its parent in the meantime.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
