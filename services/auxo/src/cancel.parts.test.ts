// Cancelled at any step: the writers run again, all on one side, and the run's end says how everything was left.
import { BY_CONTRACT, type StoredEvent } from "@tidegate/engine";
import { waitUntil } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { parseEvent } from "./event/parse-event.ts";
import { createAwsTests } from "./testing/aws-tests.ts";
import { EVENT } from "./testing/open-aws-fleet.ts";

const { fleet, open, look, countOf } = createAwsTests();

/** Starts an upgrade, cancels it when `step` has begun, and gives the data of its end. */
async function cancelAt(step: string): Promise<Record<string, unknown>> {
  const engine = fleet.openEngine();
  const { runId } = await engine.start("upgrade", parseEvent(EVENT), { by: "tests", confirm: BY_CONTRACT });
  const seen = async (is: (event: StoredEvent) => boolean, what: string): Promise<StoredEvent> =>
    waitUntil(async () => (await engine.events(runId, 0n)).find(is), { what, limitMs: 20_000, everyMs: 2, remedy: "" });
  await seen((event) => event.code === "step.started" && event.step === step, `The start of ${step}`);
  await engine.cancel(runId, { by: "tests" });
  const end = await seen(({ code }) => /^run\.(succeeded|failed|cancelled)$/.test(code), "The end");
  expect(end.code).toBe("run.cancelled");
  await engine.stop();
  return end.data as Record<string, unknown>;
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
    const end = await cancelAt(step);
    const told = (end["told"] as readonly string[]).join(" ");
    expect(told).toMatch(database);
    expect(told).toContain("Writers: ender runs 1 of 1, roundtable runs 1 of 1.");
    expect([await countOf("ender"), await countOf("roundtable")]).toEqual([1, 1]);
    expect([fleet.living("ender"), fleet.living("roundtable")]).toEqual([1, 1]);
    const versions = await Promise.all(
      ["ender", "roundtable"].map(async (name) => (await look(name)).taskDefinition?.at(-1)),
    );
    expect(new Set(versions).size).toBe(1);
    expect(told).toContain(versions[0] === "1" ? "the revision" : "On another revision than before:");
  });
});
