// Executors killed at every step boundary, and everything killed at random moments: every run ends, nothing completed runs again.
import { expect, it } from "vitest";
import { weather } from "../operations/storm.ts";
import { killAtBoundaries, openTwoOperators } from "../operations/two-operators.ts";

/** With those at boundaries, well above 30. */
const KILLS = 28;
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

it("survives a kill at every step boundary", { timeout: 600_000 }, async () => {
  const two = await openTwoOperators();
  const { boundaries, kills, settled } = killAtBoundaries(two);
  try {
    const runId = await two.start({ steps: 3, stepMs: 20, stage: "boundaries" });
    const run = await two.ended(runId, 500_000);
    await settled();
    expect(run, JSON.stringify(run)).toMatchObject({ state: "succeeded" });
    // observe, prepare, three writes, sum-up: begun and done.
    expect(boundaries.size).toBe(12);
    // A process that dies may have passed the next boundary too.
    expect(kills.size).toBeGreaterThanOrEqual(6);
    expect(two.faults()).toEqual([]);
  } finally {
    await settled().catch(() => undefined);
    await two.close();
  }
});

it(`survives ${KILLS} kills of every kind at random moments (SEED=${SEED})`, { timeout: 900_000 }, async () =>
  weather({ kills: KILLS, seed: SEED }),
);
