// Executors killed at every step boundary and at random moments, while others live: every run ends, nothing completed runs again.
import { expect, it } from "vitest";
import { ledgerFaults } from "../operations/ledger.ts";
import { killAtBoundaries, killAtRandom, openTwoOperators } from "../operations/two-operators.ts";

const KILLS = 18;
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

it("survives a kill at every step boundary", async () => {
  const two = await openTwoOperators();
  const { boundaries, settled } = killAtBoundaries(two);
  try {
    const runId = await two.start({ steps: 3, stepMs: 20, stage: "boundaries" });
    const run = await two.ended(runId, 150_000);
    await settled();
    expect(run, JSON.stringify(run)).toMatchObject({ state: "succeeded" });
    // observe, prepare, three writes, sum-up: begun and done.
    expect(boundaries.size).toBe(12);
    expect(await ledgerFaults(two.pool)).toEqual([]);
  } finally {
    await settled().catch(() => undefined);
    await two.close();
  }
});

it(`survives ${KILLS} kills at random moments (SEED=${SEED})`, async () => killAtRandom({ kills: KILLS, seed: SEED }));
