// Cancelled at any step: the writers run again, all on one side, and the run's end says how everything was left.
import { describe, expect, it } from "vitest";
import { createAwsTests } from "./testing/aws-tests.ts";
import { BY, startUpgrade } from "./testing/steer-upgrade.ts";

const { fleet, open, look, countOf } = createAwsTests();

/** Starts an upgrade, cancels it when `step` has begun, and gives what its end tells. */
async function cancelAt(step: string): Promise<string> {
  const { engine, runId, begun, ended } = await startUpgrade(fleet);
  await begun(step);
  await engine.cancel(runId, BY);
  const end = await ended();
  expect(end.code).toBe("run.cancelled");
  await engine.stop();
  return (end.data["told"] as readonly string[]).join(" ");
}

const NOT_TOUCHED = "The database was not touched.";
const MIGRATED = "The database is migrated.";

describe("an upgrade that is cancelled", () => {
  it.each([
    ["update-bazooka", NOT_TOUCHED],
    ["record-writers", NOT_TOUCHED],
    ["stop-writers", NOT_TOUCHED],
    ["drain-writers", NOT_TOUCHED],
    ["migrate", /The database (is migrated|may be migrated)/],
    ["register-comlink", MIGRATED],
    ["roll-ender", MIGRATED],
    ["restart-ender", MIGRATED],
    ["await-writers", MIGRATED],
    ["await-rollout", MIGRATED],
  ])("in %s ends with its writers running on one side, and says so", async (step, database) => {
    await open({
      // Long enough for a cancel to find the step in flight.
      bazooka: async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { returned: { statusCode: 200, body: '{"message":"success"}' } };
      },
      updateMs: 200,
    });
    const told = await cancelAt(step);
    expect(told).toMatch(database);
    // Of those that were told to end, one may still be at it.
    expect(told).toMatch(/Writers: ender at 1 \([12] running\), roundtable at 1 \([12] running\)\./);
    expect([await countOf("ender"), await countOf("roundtable")]).toEqual([1, 1]);
    await expect.poll(() => [fleet.living("ender"), fleet.living("roundtable")]).toEqual([1, 1]);
    const versions = await Promise.all(
      ["ender", "roundtable"].map(async (name) => (await look(name)).taskDefinition?.at(-1)),
    );
    expect(new Set(versions).size).toBe(1);
    expect(told).toContain(versions[0] === "1" ? "the revision" : "On another revision than before:");
  });
});
