// `upgrade` while its services and their supervisor are killed: writers end at their desired count, nothing is lost, never two versions write.
import { kafkaOff } from "@tidegate/kafka";
import { redisOff } from "@tidegate/redis";
import { expect, it } from "vitest";
import { expectNothingLost, expectWritersBack, told } from "../fleet/expect-whole.ts";
import { killServices } from "../fleet/kill-services.ts";
import { openFleet } from "../fleet/open-fleet.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
const isOff = kafkaOff() !== undefined || redisOff() !== undefined;

it.skipIf(isOff)(
  `an upgrade whose services and supervisor are killed leaves its writers running (SEED=${SEED}; needs Java 17, Maven and Redis)`,
  async () => {
    const fleet = await openFleet({ rate: 50 });
    try {
      // Once it is observed: nothing would be begun while nobody watches the services.
      const runId = await fleet.upgrade({ upgrade_tag: "v2" }, "under-fire");
      await fleet.reached(runId, "observe", "succeeded");
      const killing = killServices(fleet, { seed: SEED, everyMs: 400, most: 8 });
      const run = await fleet.ended(runId);
      await killing.stop();
      expect(killing.killed.length, killing.killed.join(", ")).toBeGreaterThanOrEqual(3);
      // A service that was killed again and again while it started may not be called stable; nothing else is a reason to fail.
      if (run.state !== "succeeded") {
        expect(run, told(run)).toMatchObject({ state: "failed", error: { code: "auxo.upgrade-failed" } });
        expect(run.error?.message, killing.killed.join(", ")).toMatch(/waiting for the services to be stable/);
      }
      expect(await expectWritersBack(fleet)).toEqual(["v2", "v2"]);
      await expectNothingLost(fleet, ["v1", "v2"]);
    } finally {
      await fleet.close();
    }
  },
);
