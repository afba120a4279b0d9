// The fence where it is needed: an effect that comes late, after another executor has claimed the run.
import { waitUntil } from "@tidegate/kernel";
import { createPool, queryRows, withTransaction, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { StepContext } from "../context/run-context.ts";
import { BY_CONTRACT } from "../control/engine.ts";
import { sampleOperation } from "../testing/sample-operations.ts";
import { claimRun, createFence } from "./claim-run.ts";
import { createDurableEngine } from "./create-durable-engine.ts";

let database: TestDatabase;
let pool: Pool;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 4 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const takeOver = async (runId: string): Promise<unknown> =>
  queryRows(pool, "UPDATE tidegate_engine.claims SET fence = fence + 1, executor = 'another' WHERE run_id = $1", [
    runId,
  ]);

it("refuses an effect under a stale token, and records nothing of that step", async () => {
  await queryRows(pool, "CREATE TABLE effects (token integer)");
  const begun = Promise.withResolvers<StepContext>();
  const goOn = Promise.withResolvers<void>();
  const refused = Promise.withResolvers<unknown>();
  const operation = sampleOperation({
    name: "sample",
    run: async (context) =>
      context.step("write", async (step) => {
        begun.resolve(step);
        await goOn.promise;
        await withTransaction(pool, async (client) => {
          await queryRows(client, "INSERT INTO effects VALUES ($1)", [step.fence.token]);
          await step.fence.check(client);
        }).catch((error: unknown) => {
          refused.resolve(error);
          throw error;
        });
      }),
  });
  const engine = await createDurableEngine({ url: database.url, operations: [operation], onLost: () => undefined });
  try {
    const { runId } = await engine.start("sample", {}, { by: "tester", confirm: BY_CONTRACT });
    expect((await begun.promise).fence.token).toBe(1);
    await takeOver(runId);
    goOn.resolve();
    expect(await refused.promise).toMatchObject({ code: "engine.fence-stale", details: { token: 1, current: 2 } });
    expect(await queryRows(pool, "SELECT * FROM effects")).toEqual([]);
    expect(await engine.wait(runId, { timeoutMs: 500 })).toBe("unfinished");
    const recorded = await queryRows(
      pool,
      "SELECT 1 FROM dbos.operation_outputs WHERE workflow_uuid = $1 AND function_name = 'step:write'",
      [runId],
    );
    expect(recorded).toEqual([]);
  } finally {
    await engine.stop();
  }
});

it("keeps a takeover waiting until the effect under the old token is committed", async () => {
  await queryRows(pool, "INSERT INTO tidegate_engine.claims (run_id, fence) VALUES ('run-x', 7)");
  const order: string[] = [];
  let takingOver: Promise<unknown> | undefined;
  await withTransaction(pool, async (client) => {
    await createFence("run-x", 7).check(client);
    takingOver = takeOver("run-x").then(() => order.push("taken over"));
    // The takeover is at the row's lock before this transaction goes on.
    await waitUntil(
      async () => {
        const [waiting] = await queryRows<{ n: bigint }>(
          pool,
          "SELECT count(*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        );
        return (waiting?.n ?? 0n) > 0n ? true : undefined;
      },
      { what: "The takeover waiting", limitMs: 10_000, remedy: "" },
    );
    order.push("effect committed");
  });
  await takingOver;
  expect(order).toEqual(["effect committed", "taken over"]);
});

it("waits, without giving the executor up, while an effect under the token before goes on", async () => {
  const operation = sampleOperation({ name: "held", run: async (context) => context.step("only", async () => 1) });
  const engine = await createDurableEngine({ url: database.url, operations: [operation], onLost: () => undefined });
  const { runId } = await engine.start("held", {}, { by: "tester", confirm: BY_CONTRACT });
  expect(await engine.wait(runId, { timeoutMs: 10_000 })).toEqual({ state: "succeeded", result: 1 });
  await engine.stop();
  await queryRows(
    pool,
    "UPDATE dbos.workflow_status SET status = 'PENDING', executor_id = 'late' WHERE workflow_uuid = $1",
    [runId],
  );
  const facts = { runId, executor: "late", lockWaitMs: 0 };
  await withTransaction(pool, async (client) => {
    await createFence(runId, 1).check(client);
    expect(await claimRun(pool, facts)).toBe("busy");
  });
  expect(await claimRun(pool, facts)).toMatchObject({ token: 2 });
});
