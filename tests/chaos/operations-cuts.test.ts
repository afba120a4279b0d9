// What is no kill: an executor that is stopped and woken again, one that is cut off while it lives, a PostgreSQL that is killed.
import { waitUntil, type Secret } from "@tidegate/kernel";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ask } from "../operations/ask-operator.ts";
import { openGate, type Gate } from "../operations/gate.ts";
import { ledgerFaults } from "../operations/ledger.ts";
import { ledgerIn, operatorFolder, startOperator, type OperatorProcess } from "../operations/operator-process.ts";

let database: TestDatabase;
let folder: ReturnType<typeof operatorFolder>;
let gate: Gate;
const operators: OperatorProcess[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  folder = operatorFolder();
  gate = await openGate(database.url);
});
afterEach(async () => {
  for (const one of operators.splice(0)) await one.kill();
  gate.close();
  await database.drop();
  folder.remove();
});

const faults = (): readonly string[] =>
  ledgerFaults(
    ledgerIn(folder.path),
    operators.flatMap((one) => one.lines),
  );

async function open(databaseUrl: Secret): Promise<OperatorProcess> {
  const operator = await startOperator(folder.path, { databaseUrl });
  operators.push(operator);
  return operator;
}

/** Starts a run on the operator, and resolves in the middle of its second write. */
async function startOn(operator: OperatorProcess, input: unknown): Promise<string> {
  const second = Promise.withResolvers<void>();
  operator.onLine(({ message, step }) => {
    if (message === "step.started" && step === "write-2") second.resolve();
  });
  const { body } = await ask(operator.url, "POST", "/v1/operations/rehearse/runs", { input });
  await second.promise;
  return body.runId as string;
}

async function taken(by: OperatorProcess, sinceMs: number): Promise<number> {
  await waitUntil(() => by.lines.find((line) => line.message === "run.executing"), {
    what: "The takeover",
    limitMs: 30_000,
    everyMs: 10,
    remedy: "",
  });
  return performance.now() - sinceMs;
}

async function succeeded(operator: OperatorProcess, runId: string): Promise<void> {
  await waitUntil(
    async () => {
      const { body } = await ask(operator.url, "GET", `/v1/runs/${runId}`);
      return body.state === "succeeded" ? true : undefined;
    },
    { what: "The end of the run", limitMs: 60_000, everyMs: 100, remedy: "" },
  );
}

const INPUT = { steps: 6, stepMs: 400 };
const TAKEOVER_LIMIT_MS = 15_000;

it("takes over from an executor that was stopped, which on waking applies nothing and ends", async () => {
  const [stopped, survivor] = [await open(database.url), await open(database.url)];
  const runId = await startOn(stopped, INPUT);
  const since = performance.now();
  stopped.signal("SIGSTOP");
  expect(await taken(survivor, since)).toBeLessThan(TAKEOVER_LIMIT_MS);
  // In the middle of the run that is the survivor's now.
  stopped.signal("SIGCONT");
  expect(await stopped.ended).toBe(75);
  await succeeded(survivor, runId);
  expect(faults()).toEqual([]);
});

it("takes over from an executor that was cut off while it lives, which ends by itself before that", async () => {
  const [cut, survivor] = [await open(gate.url), await open(database.url)];
  const runId = await startOn(cut, INPUT);
  const since = performance.now();
  gate.cut();
  const ended = cut.ended.then((code) => ({ code, afterMs: performance.now() - since }));
  const takenAfterMs = await taken(survivor, since);
  expect(takenAfterMs).toBeLessThan(TAKEOVER_LIMIT_MS);
  const { code, afterMs } = await ended;
  expect(code).toBe(75);
  expect(afterMs).toBeLessThan(takenAfterMs);
  await succeeded(survivor, runId);
  expect(faults()).toEqual([]);
});

it("goes on after its connections were broken", async () => {
  const broken = await open(gate.url);
  const runId = await startOn(broken, INPUT);
  gate.breakAll();
  expect(await broken.ended).toBe(75);
  const next = await open(gate.url);
  await succeeded(next, runId);
  expect(faults()).toEqual([]);
});

it("keeps a run that waits, over its executor's end, and takes its answer afterwards", async () => {
  const first = await open(database.url);
  const runId = await startOn(first, { steps: 2, stepMs: 50, approval: true });
  const approve = async (operator: OperatorProcess) =>
    ask(operator.url, "POST", `/v1/runs/${runId}/approve`, { approved: true });
  await waitUntil(
    async () => ((await ask(first.url, "GET", `/v1/runs/${runId}`)).body.state === "waiting" ? true : undefined),
    {
      what: "The wait",
      limitMs: 10_000,
      remedy: "",
    },
  );
  await first.kill();
  const second = await open(database.url);
  await taken(second, 0);
  expect((await ask(second.url, "GET", `/v1/runs/${runId}`)).body).toMatchObject({
    state: "waiting",
    waiting: { name: "sum-up-approval" },
  });
  expect((await approve(second)).status).toBe(200);
  await succeeded(second, runId);
});
