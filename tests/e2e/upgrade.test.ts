// `upgrade` on the example fleet under continuous traffic: nothing accepted is lost, and never two versions write.
import { kafkaOff } from "@tidegate/kafka";
import { redisOff } from "@tidegate/redis";
import { describe, expect, it } from "vitest";
import { openFleet, type FleetUnderTest } from "../fleet/open-fleet.ts";

const isMissing = kafkaOff() !== undefined || redisOff() !== undefined;

async function onFleet(
  work: (fleet: FleetUnderTest) => Promise<void>,
  more?: Parameters<typeof openFleet>[0],
): Promise<void> {
  const fleet = await openFleet(more);
  try {
    await work(fleet);
  } finally {
    await fleet.close();
  }
}

describe.skipIf(isMissing)("upgrading the example fleet (needs Java 17, Maven and Redis)", () => {
  it("moves five services to the next release under traffic, and loses no write", async () =>
    onFleet(async (fleet) => {
      const plan = await fleet.plan({ upgrade_tag: "v2" });
      expect(plan.status, JSON.stringify(plan.body)).toBe(201);
      const runId = await fleet.upgrade({ upgrade_tag: "v2" });
      const run = await fleet.ended(runId);
      expect(run, JSON.stringify(run.error)).toMatchObject({ state: "succeeded" });
      const comparison = await fleet.compare();
      expect(comparison.findings).toEqual([]);
      expect(comparison.versions.map((one) => one.version)).toEqual(["v1", "v2"]);
      expect(comparison.events.accepted).toBeGreaterThan(100);
    }));
});
