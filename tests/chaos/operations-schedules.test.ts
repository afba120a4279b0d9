// A schedule of every second, two executors, a kill in between: each tick once.
import { waitUntil } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { expect, it } from "vitest";
import { ask } from "../operations/ask-operator.ts";
import { operatorFolder, startOperator } from "../operations/operator-process.ts";

const TICKS = 8;

it("fires each tick once, over two executors of which one is killed", async () => {
  await using cleanup = new AsyncDisposableStack();
  const database = await createTestDatabase();
  cleanup.defer(database.drop);
  const pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
  cleanup.defer(async () => pool.end());
  const folder = operatorFolder();
  cleanup.defer(folder.remove);
  const operators = [
    await startOperator(folder.path, { databaseUrl: database.url }),
    await startOperator(folder.path, { databaseUrl: database.url }),
  ];
  for (const one of operators) cleanup.defer(one.kill);
  const [first, second] = operators;
  const started = await ask(second?.url ?? "", "POST", "/v1/operations/rehearse/runs", {
    input: { steps: 1, stepMs: 0, stage: "first" },
  });
  await ask(second?.url ?? "", "GET", `/v1/runs/${started.body.runId}/wait`);

  const schedule = {
    operation: "rehearse",
    cron: "* * * * * *",
    missed: "all",
    lockWaitMs: 150_000,
    input: { steps: 1, stepMs: 0, stage: "ticking" },
  };
  expect((await ask(second?.url ?? "", "PUT", "/v1/schedules/ticking", schedule)).status).toBe(200);
  const runs = async (): Promise<ReadonlyArray<{ key: string; state: string }>> =>
    (await pool.query("SELECT key, state FROM tidegate_engine.runs WHERE created_by = 'schedule:ticking' ORDER BY key"))
      .rows;
  const count = async (n: number): Promise<void> =>
    void (await waitUntil(async () => ((await runs()).length >= n ? true : undefined), {
      what: `${n} ticks`,
      limitMs: 40_000,
      remedy: "",
    }));
  await count(TICKS / 2);
  await first?.kill();
  await count(TICKS);
  expect((await ask(second?.url ?? "", "POST", "/v1/schedules/ticking/pause", {})).status).toBe(200);
  await waitUntil(async () => ((await runs()).every((run) => run.state === "succeeded") ? true : undefined), {
    what: "The end of all",
    limitMs: 150_000,
    remedy: "",
  });

  const ticks = (await runs()).map((run) => Date.parse(run.key.replace("schedule:ticking:", "")));
  // One after the other, a second apart: none missing, none twice.
  expect(ticks.map((tick) => tick - (ticks[0] ?? 0))).toEqual(ticks.map((_, index) => index * 1_000));
  const { rows } = await pool.query("SELECT count(*)::int AS n FROM rehearsal.ledger WHERE stage = 'ticking'");
  expect(rows).toEqual([{ n: ticks.length }]);
});
