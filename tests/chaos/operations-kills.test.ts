// Executors killed at every step boundary and at random moments, while others live: every run ends, nothing completed runs again.
import { expect, it } from "vitest";
import { ledgerFaults } from "../operations/ledger.ts";
import type { OperatorProcess } from "../operations/operator-process.ts";
import { killAtRandom, openTwoOperators } from "../operations/two-operators.ts";

const KILLS = 18;
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

it("survives a kill at every step boundary", async () => {
  const two = await openTwoOperators();
  const boundaries = new Set<string>();
  let killing = Promise.resolve();
  const watch = (operator: OperatorProcess): void =>
    operator.onLine(({ message, step = "", runId = "" }) => {
      const boundary = `${runId} ${step} ${message}`;
      if (!["step.started", "step.succeeded"].includes(message) || boundaries.has(boundary)) return;
      boundaries.add(boundary);
      // From here, another process; the signal is sent in the same turn in which the line came.
      operator.signal("SIGKILL");
      const replace = async (before: Promise<void>): Promise<void> => {
        await before;
        await operator.ended;
        watch(await two.replace(operator));
      };
      killing = replace(killing);
    });
  try {
    for (const operator of two.operators()) watch(operator);
    const runId = await two.start({ steps: 3, stepMs: 20, stage: "boundaries" });
    const run = await two.ended(runId, 150_000);
    await killing;
    expect(run, JSON.stringify(run)).toMatchObject({ state: "succeeded" });
    // observe, prepare, three writes, sum-up: begun and done.
    expect(boundaries.size).toBe(12);
    expect(await ledgerFaults(two.pool)).toEqual([]);
  } finally {
    await killing.catch(() => undefined);
    await two.close();
  }
});

it(`survives ${KILLS} kills at random moments (SEED=${SEED})`, async () => killAtRandom({ kills: KILLS, seed: SEED }));
