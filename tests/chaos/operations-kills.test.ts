// Executors killed at every step boundary, and everything killed at random moments: every run ends, nothing completed runs again.
import { queryRows } from "@tidegate/postgres";
import { expect, it } from "vitest";
import { weather } from "../operations/storm.ts";
import { killAtBoundaries, openTwoOperators } from "../operations/two-operators.ts";

/** With those at boundaries, well above 30. */
const KILLS = 28;
const BOUNDARIES = ["observe", "prepare", "write-1", "write-2", "write-3", "sum-up"].flatMap((step) => [
  `${step} step.started`,
  `${step} step.succeeded`,
]);
const MOST_RUNS = 15;
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

it("survives a kill at every step boundary", { timeout: 600_000 }, async () => {
  const two = await openTwoOperators();
  const { killedAt, kills, settled } = killAtBoundaries(two, { onceFor: "step" });
  try {
    // A process that dies may have passed the next boundary too: then it is met in the next run.
    for (let stage = 1; stage <= MOST_RUNS && killedAt.size < BOUNDARIES.length; stage++) {
      // Prepared anew each time.
      await queryRows(two.pool, "DROP SCHEMA IF EXISTS rehearsal CASCADE");
      await queryRows(two.pool, "DELETE FROM tidegate_migrations WHERE owner = 'rehearsal'");
      const run = await two.ended(await two.start({ steps: 3, stepMs: 20, stage: `boundaries-${stage}` }), 250_000);
      await settled();
      expect(run, JSON.stringify(run)).toMatchObject({ state: "succeeded" });
    }
    expect([...killedAt].toSorted()).toEqual(BOUNDARIES.toSorted());
    expect(kills.size).toBe(BOUNDARIES.length);
    expect(two.faults()).toEqual([]);
  } finally {
    await settled().catch(() => undefined);
    await two.close();
  }
});

it(`survives ${KILLS} kills of every kind at random moments (SEED=${SEED})`, { timeout: 900_000 }, async () =>
  weather({ kills: KILLS, seed: SEED }),
);
