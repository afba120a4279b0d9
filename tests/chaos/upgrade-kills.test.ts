// `upgrade` with its operator killed when a step has begun, inside it, and when it has ended: the writers are back, nothing is lost, never two versions write.
import { kafkaOff } from "@tidegate/kafka";
import { redisOff } from "@tidegate/redis";
import { describe, expect, it } from "vitest";
import { killAtBoundaries } from "../fleet/kill-operators.ts";
import { openFleet, WRITERS } from "../fleet/open-fleet.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

const BOUNDARIES = ["step.started", "step.succeeded"];

describe.skipIf(kafkaOff() !== undefined || redisOff() !== undefined)(
  "an upgrade whose operator is killed (needs Java 17, Maven and Redis)",
  () => {
    it(`ends as an undisturbed one, killed at the boundaries of its steps and inside them (SEED=${SEED})`, async () => {
      const fleet = await openFleet({ rate: 50 });
      try {
        const killing = killAtBoundaries(fleet, { seed: SEED, laterMs: 20, only: BOUNDARIES, most: 22 });
        const runId = await fleet.upgrade({ upgrade_tag: "v2" }, "under-fire");
        const run = await fleet.ended(runId, 240_000);
        await killing.stop();
        expect(run, JSON.stringify(run.error)).toMatchObject({ state: "succeeded" });
        expect(killing.killed.length, killing.killed.join(", ")).toBeGreaterThanOrEqual(20);
        for (const writer of WRITERS) {
          expect(await fleet.workloads.describe(writer)).toMatchObject({
            desiredCount: 1,
            runningCount: 1,
            release: "v2",
          });
        }
        const { findings, versions } = await fleet.compare();
        expect(findings).toEqual([]);
        expect(versions.map((one) => one.version)).toEqual(["v1", "v2"]);
      } finally {
        await fleet.close();
      }
    });
  },
);
