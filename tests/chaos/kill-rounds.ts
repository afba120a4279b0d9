// kill -9 of everything, or of some, at random moments, then `up` again; at the end the tables must equal the ledger.
import { setTimeout as sleep } from "node:timers/promises";
import { startTemporaryInstallation, type TemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { expect } from "vitest";
import { runTidegate } from "../installation/run-tidegate.ts";
import { processesOf } from "../installation/processes-of.ts";
import { compareWithLedger, type ComparedCounts } from "../market/compare-with-ledger.ts";
import { quiet } from "../market/quiet.ts";

export interface KillRounds {
  readonly rounds: number;
  readonly seed: number;
}

/**
 * Each round kills with SIGKILL, at a random moment, every process of the installation: the supervisor, the servers and anvil included.
 * Every third one does so while `up` is still starting them; every fourth one kills a random half and leaves the mending to who survived.
 */
export async function killRounds({ rounds, seed }: KillRounds): Promise<ComparedCounts> {
  const random = seededRandom(seed);
  const flags = ["--traffic-rate", "20", "--traffic-seed", String(seed)];
  // Blocks faster than real time, so that each round has some.
  const env = { TIDEGATE_CHAIN_BLOCK_TIME_MS: "300" };
  const installation = await startTemporaryInstallation(flags, env);
  const up = [
    "up",
    "--detach",
    "--home",
    installation.home,
    "--port-base",
    String(installation.ports.operator - 78),
    ...flags,
  ];
  const killEverything = (): void => {
    // Twice: what was being started at the first look is there at the second.
    for (let look = 0; look < 2; look++) for (const { pid } of processesOf(installation.home)) kill(pid);
  };
  try {
    for (let round = 0; round < rounds; round++) {
      await sleep(random.integer(0, 1_500));
      if (round % 4 === 3) {
        const victims = processesOf(installation.home).filter(() => random.next() < 0.5);
        for (const { pid } of victims) kill(pid);
        await sleep(random.integer(0, 2_000));
      }
      killEverything();
      if (round % 3 === 2) {
        const starting = runTidegate(up, env);
        await sleep(random.integer(100, 3_000));
        killEverything();
        await starting;
        killEverything();
      }
      const ended = await runTidegate(up, env);
      expect(ended.exit, ended.stderr).toBe(0);
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
