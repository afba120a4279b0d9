// The rehearsal on the durable engine: what it observes, what it writes, how it is undone.
import { createDurableEngine, type Engine } from "@tidegate/engine";
import { Secret } from "@tidegate/kernel";
import { createPool, queryRows, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { rehearsalInput } from "../../types.ts";
import { observeStage } from "./observe.ts";
import { createRehearsal } from "./operation.ts";

const BY = { by: "tester" };
let database: TestDatabase;
let pool: Pool;
let engine: Engine;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "rehearsal tests", max: 5 });
  engine = await createDurableEngine({
    url: database.url,
    operations: [createRehearsal({ pool })],
    onLost: () => undefined,
  });
});
afterAll(async () => {
  await engine.stop();
  await pool.end();
  await database.drop();
});

async function run(input: object): Promise<unknown> {
  const { runId } = await engine.start("rehearse", input, { ...BY, lockWaitMs: 20_000 });
  return engine.wait(runId, { timeoutMs: 20_000 });
}

it("writes, side by side and in a child too, and sums up exactly", async () => {
  expect(await run({ stage: "whole", steps: 2, stepMs: 0, parallel: 3, childSteps: 2, flakyTries: 1 })).toEqual({
    state: "succeeded",
    result: { stage: "whole", steps: 2, sum: 5n * 10n ** 24n + 9n },
  });
  const rows = await queryRows(pool, "SELECT step FROM rehearsal.ledger WHERE stage = 'whole-child' ORDER BY id");
  expect(rows).toEqual([{ step: "write-1" }, { step: "write-2" }]);
});

it("observes with a role that can only read", async () => {
  const role = `reader_${database.name}`;
  await pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'reading-only'`);
  await pool.query(`GRANT USAGE ON SCHEMA rehearsal TO ${role}`);
  await pool.query(`GRANT SELECT ON ALL TABLES IN SCHEMA rehearsal TO ${role}`);
  const url = new URL(database.url.reveal());
  url.username = role;
  url.password = "reading-only";
  const reading = createPool({ url: new Secret(url.href), applicationName: "reader", max: 1 });
  try {
    const input = rehearsalInput.parse({ stage: "whole" });
    expect(await observeStage(reading, input)).toEqual({ isPrepared: true, rows: 5n, sum: 5n * 10n ** 24n + 9n });
    await expect(reading.query("DELETE FROM rehearsal.ledger")).rejects.toThrow("permission denied");
  } finally {
    await reading.end();
    await pool.query(`DROP OWNED BY ${role}`);
    await pool.query(`DROP ROLE ${role}`);
  }
});

it("plans nothing but what it then does, and goes stale when somebody else wrote", async () => {
  const plan = await engine.plan("rehearse", { stage: "watched", steps: 1, stepMs: 0 }, BY);
  expect(plan.draft.steps.map((step) => step.name)).toEqual(["write-1"]);
  await run({ stage: "watched", steps: 1, stepMs: 0 });
  await expect(engine.apply(plan.id, BY)).rejects.toMatchObject({
    code: "engine.plan-stale",
    message: expect.stringContaining("observation.rows: 0 → 1") as string,
  });
});

it("destroys the stage's rows only with the stage's name", async () => {
  const input = { stage: "watched", steps: 1, stepMs: 0, clear: true };
  await expect(engine.start("rehearse", input, BY)).rejects.toMatchObject({ code: "engine.confirmation-missing" });
  const { runId } = await engine.start("rehearse", input, { ...BY, confirm: "watched" });
  expect(await engine.wait(runId, { timeoutMs: 20_000 })).toMatchObject({
    state: "succeeded",
    result: { sum: 10n ** 24n + 1n },
  });
});

it("fails once at the step it was told to, and gets over it by a retry", async () => {
  const { runId } = await engine.start("rehearse", { stage: "failing", steps: 3, stepMs: 0, failAt: 2 }, BY);
  expect(await engine.wait(runId, { timeoutMs: 20_000 })).toMatchObject({
    state: "failed",
    error: { code: "rehearsal.failure" },
  });
  await engine.retryFrom(runId, undefined, BY);
  expect(await engine.wait(runId, { timeoutMs: 20_000 })).toMatchObject({ state: "succeeded" });
  expect(await queryRows(pool, "SELECT step FROM rehearsal.ledger WHERE stage = 'failing' ORDER BY id")).toEqual([
    { step: "write-1" },
    { step: "write-2" },
    { step: "write-3" },
  ]);
});
