// `upgrade` with its operators killed when a step has begun, inside it, and when it has ended: the writers are back, nothing is lost, never two versions write.
import { kafkaOff } from "@tidegate/kafka";
import { redisOff } from "@tidegate/redis";
import { expect, it } from "vitest";
import { expectNothingLost, expectWritersBack, told } from "../fleet/expect-whole.ts";
import { killAtBoundaries } from "../fleet/kill-operators.ts";
import { openFleet } from "../fleet/open-fleet.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const isOff = kafkaOff() !== undefined || redisOff() !== undefined;

it.skipIf(isOff)(
  `an upgrade whose operators are killed ends as an undisturbed one (SEED=${SEED}; needs Java 17, Maven and Redis)`,
  async () => {
    // One works, one takes over, one is on its way.
    const fleet = await openFleet({ rate: 50, operators: 3 });
    try {
      const killing = killAtBoundaries(fleet, { seed: SEED, laterMs: 20, most: 22 });
      const runId = await fleet.upgrade({ upgrade_tag: "v2" }, "under-fire");
      const run = await fleet.ended(runId, 240_000);
      await killing.stop();
      expect(run, told(run)).toMatchObject({ state: "succeeded" });
      expect(killing.killed.length, killing.killed.join(", ")).toBeGreaterThanOrEqual(20);
      // None ended but by our signal.
      expect(new Set(fleet.crew.ends)).toEqual(new Set(["SIGKILL"]));
      expect(await expectWritersBack(fleet)).toEqual(["v2", "v2"]);
      await expectNothingLost(fleet, ["v1", "v2"]);
    } finally {
      await fleet.close();
    }
  },
);
