// Executors killed at every step boundary and at random moments, while others live: every run ends, nothing completed runs again.
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ask } from "../operations/ask-operator.ts";
import { ledgerFaults } from "../operations/ledger.ts";
import { operatorFolder, startOperator, type OperatorProcess } from "../operations/operator-process.ts";

const KILLS_AT_RANDOM = Number(process.env["TIDEGATE_TEST_KILLS"] ?? 18);
const SEED = Number(process.env["SEED"] ?? Date.now() % 1_000_000);

let database: TestDatabase;
let pool: Pool;
let folder: ReturnType<typeof operatorFolder>;
let operators: OperatorProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
  folder = operatorFolder();
  operators = [await open(), await open()];
});
afterEach(async () => {
  await Promise.all(operators.map(async (one) => one.kill()));
  await pool.end();
  await database.drop();
  folder.remove();
});

const open = async (): Promise<OperatorProcess> => startOperator(folder.path, { databaseUrl: database.url });

/** Under a key: an operator that is killed before it answers is asked again, and nothing is started twice. */
async function start(input: { readonly stage: string; readonly [field: string]: unknown }): Promise<string> {
  const body = { input, key: input.stage, lockWaitMs: 60_000 };
  return waitUntil(
    async () => {
      for (const one of operators) {
        const answer = await ask(one.url, "POST", "/v1/operations/rehearse/runs", body).catch(() => undefined);
        if (answer !== undefined && answer.status < 300) return answer.body.runId as string;
      }
      return undefined;
    },
    { what: "A start", limitMs: 30_000, everyMs: 200, remedy: "" },
  );
}

async function state(runId: string): Promise<{ readonly state: string; readonly result?: { readonly sum: string } }> {
  for (const one of operators) {
    const answer = await ask(one.url, "GET", `/v1/runs/${runId}`).catch(() => undefined);
    if (answer?.status === 200) return answer.body;
  }
  return { state: "nobody answers" };
}

async function ended(runId: string, limitMs: number): Promise<Awaited<ReturnType<typeof state>>> {
  return waitUntil(
    async () => {
      const run = await state(runId);
      return ["succeeded", "failed", "cancelled"].includes(run.state) ? run : undefined;
    },
    { what: `The end of ${runId}`, limitMs, everyMs: 200, remedy: "" },
  );
}

it("survives a kill at every step boundary", async () => {
  let kills = 0;
  const seen = new Set<string>();
  let killing = Promise.resolve();
  const watch = (operator: OperatorProcess): void =>
    operator.onLine(({ message, step = "", runId = "" }) => {
      const boundary = `${runId} ${step} ${message}`;
      if (!["step.started", "step.succeeded"].includes(message) || seen.has(boundary)) return;
      seen.add(boundary);
      kills += 1;
      // From here, another process; the signal is sent in the same turn in which the line came.
      operator.signal("SIGKILL");
      const replace = async (before: Promise<void>): Promise<void> => {
        await before;
        await operator.ended;
        const next = await open();
        operators = operators.map((one) => (one === operator ? next : one));
        watch(next);
      };
      killing = replace(killing);
    });
  for (const operator of operators) watch(operator);
  const runId = await start({ steps: 3, stepMs: 20, stage: "boundaries" });
  const run = await ended(runId, 150_000);
  await killing;
  expect(run).toMatchObject({ state: "succeeded" });
  // observe, prepare, three writes, sum-up: begun and done.
  expect(kills).toBe(12);
  expect(await ledgerFaults(pool)).toEqual([]);
});

it(`survives ${KILLS_AT_RANDOM} kills at random moments, with seed ${SEED}`, async () => {
  const random = seededRandom(SEED);
  const shapes = [
    { steps: 25, stepMs: 150 },
    { steps: 12, stepMs: 300, flakyTries: 1 },
    { steps: 6, stepMs: 100, parallel: 4, childSteps: 12 },
  ];
  // The ledger is there before: a run that was planned without it would rightly refuse.
  const runs: string[] = [await start({ steps: 1, stepMs: 0, stage: "first" })];
  await ended(runs[0] ?? "", 60_000);
  for (let round = 0; round * 6 < KILLS_AT_RANDOM; round++) {
    for (const [index, shape] of shapes.entries())
      runs.push(await start({ ...shape, stage: `stage-${round}-${index}` }));
    for (let kill = 0; kill < 6 && round * 6 + kill < KILLS_AT_RANDOM; kill++) {
      await new Promise((resolve) => setTimeout(resolve, random.next() * 1_500));
      const victim = operators[Math.floor(random.next() * operators.length)];
      await victim?.kill();
      const next = await open();
      operators = operators.map((one) => (one === victim ? next : one));
    }
    for (const runId of runs) {
      const run = await ended(runId, 120_000);
      expect(run, JSON.stringify(run)).toMatchObject({ state: "succeeded" });
    }
  }
  expect(await ledgerFaults(pool)).toEqual([]);
  expect((await ask(operators[0]?.url ?? "", "GET", "/v1/locks")).body).toEqual({ locks: [] });
  expect((await pool.query("SELECT count(*)::int AS n FROM tidegate_engine.executors")).rows).toEqual([{ n: 2 }]);
});
