// The long kills of `upgrade`: at every boundary, at random moments over many upgrades in a row, and of PostgreSQL below it all. `npm run test:long`.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kafkaOff } from "@tidegate/kafka";
import { seededRandom, systemClock } from "@tidegate/kernel";
import { redisOff } from "@tidegate/redis";
import { describe, expect, it } from "vitest";
import { expectNothingLost, expectWritersBack, told } from "../fleet/expect-whole.ts";
import { killAtBoundaries, killAtRandom } from "../fleet/kill-operators.ts";
import { openFleet, type FleetUnderTest, type OpenFleetOptions } from "../fleet/open-fleet.ts";
import { writeNextRelease } from "../fleet/write-next-release.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
/** Fewer only to try the tests themselves. */
const KILLS = Number(process.env["KILLS"] ?? 100);
const POSTGRES_KILLS = Math.max(2, Math.round(KILLS / 5));
const RUN_LIMIT_MS = 600_000;

/** What each step of an upgrade of five services is called. */
const STEPS = [
  "observe",
  "update-bazooka",
  "record-writers",
  "stop-writers",
  "drain-writers",
  "migrate",
  ...["comlink", "ender", "roundtable", "socks", "vulcan"].flatMap((name) => [`register-${name}`, `roll-${name}`]),
  "restart-ender",
  "restart-roundtable",
  "await-writers",
  "await-rollout",
  "verify",
];

const BOUNDARIES = STEPS.flatMap((step) => [`step.started ${step}`, `step.succeeded ${step}`]);
/** In which each boundary has been killed at; the five that begin together take one each. */
const MOST_UPGRADES = 20;

async function withFleet(
  options: OpenFleetOptions,
  work: (fleet: FleetUnderTest, nextTag: () => string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-next-releases-"));
  const fleet = await openFleet({ rate: 50, ...options });
  let number = 1;
  try {
    // v2 is there already.
    await work(fleet, () => (++number === 2 ? "v2" : writeNextRelease(fleet, folder, number)));
  } finally {
    await fleet.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe.skipIf(kafkaOff() !== undefined || redisOff() !== undefined)(
  `upgrades under kills (SEED=${SEED}; needs Java 17, Maven and Redis)`,
  () => {
    it("end as undisturbed ones, killed at every boundary of every step", async () => {
      await withFleet({ operators: 3 }, async (fleet, nextTag) => {
        const killing = killAtBoundaries(fleet, { seed: SEED, laterMs: 60, most: 1_000 });
        const left = (): readonly string[] => BOUNDARIES.filter((boundary) => !killing.killed.includes(boundary));
        const versions = ["v1"];
        // Who dies at one boundary passes others with its last lines: what was not killed at in one upgrade, is in another.
        while (left().length > 0 && versions.length <= MOST_UPGRADES) {
          const tag = nextTag();
          const run = await fleet.ended(await fleet.upgrade({ upgrade_tag: tag }, tag), RUN_LIMIT_MS);
          expect(run, told(run)).toMatchObject({ state: "succeeded" });
          expect(run.steps.map((one) => one.name).toSorted()).toEqual(STEPS.toSorted());
          versions.push(tag);
          expect(await expectWritersBack(fleet)).toEqual([tag, tag]);
        }
        await killing.stop();
        expect(left()).toEqual([]);
        await expectNothingLost(fleet, versions);
      });
    });

    it(`end as undisturbed ones, killed at ${KILLS} random moments`, async () => {
      await withFleet({ operators: 2 }, async (fleet, nextTag) => {
        const killing = killAtRandom(fleet, { seed: SEED, everyMs: 3_000 });
        const versions = ["v1"];
        while (killing.killed.length < KILLS) {
          const tag = nextTag();
          const run = await fleet.ended(await fleet.upgrade({ upgrade_tag: tag }, tag), RUN_LIMIT_MS);
          expect(run, told(run)).toMatchObject({ state: "succeeded" });
          expect(await expectWritersBack(fleet)).toEqual([tag, tag]);
          versions.push(tag);
        }
        await killing.stop();
        expect(new Set(fleet.crew.ends)).toEqual(new Set(["SIGKILL"]));
        await expectNothingLost(fleet, versions);
      });
    });

    it(`leave their writers running when PostgreSQL is killed ${POSTGRES_KILLS} times below fleet and journal`, async () => {
      await withFleet({ operators: 2, isPostgresKillable: true }, async (fleet, nextTag) => {
        const random = seededRandom(SEED);
        const versions = ["v1"];
        const states: string[] = [];
        for (let kills = 0; kills < POSTGRES_KILLS;) {
          const tag = nextTag();
          const ending = fleet.upgrade({ upgrade_tag: tag }, tag).then(async (id) => fleet.ended(id, RUN_LIMIT_MS));
          const over = new AbortController();
          const end = (): void => over.abort();
          // Its failure is seen where it is awaited.
          ending.then(end, end);
          while (!over.signal.aborted && kills < POSTGRES_KILLS) {
            await systemClock.sleep(500 + random.next() * 4_000);
            await fleet.killPostgres?.();
            kills++;
          }
          const { state, error } = await ending;
          states.push(`${tag} ${state}`);
          // Bazooka's connection goes with the server, in the middle of a migration: that is a failed migration, and the next upgrade's.
          if (state !== "succeeded") expect(error).toMatchObject({ code: "auxo.upgrade-failed" });
          const [release = "", ...others] = new Set(await expectWritersBack(fleet));
          expect(others, states.join(", ")).toEqual([]);
          if (state === "succeeded") expect(release).toBe(tag);
          if (release !== versions.at(-1)) versions.push(release);
        }
        // It may lose its lock, and then it ends by itself.
        for (const end of fleet.crew.ends) expect(end).toBe(75);
        await expectNothingLost(fleet, versions);
      });
    });
  },
);
