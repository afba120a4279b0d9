// The runs of a storm: each shape with the person who steers it, and what must have become of it.
import { expect } from "vitest";
import type { FleetOfTwo } from "./fleet-of-two.ts";

interface Run {
  readonly id: string;
  readonly state: string;
  readonly steps: ReadonlyArray<{ readonly name: string; readonly state: string }>;
}

interface Shape {
  readonly input: Readonly<Record<string, unknown>> & { readonly steps: number };
  /** What a person does to it meanwhile. */
  readonly steer?: (fleet: FleetOfTwo, runId: string) => Promise<void>;
  readonly ends: "succeeded" | "cancelled";
}

/** Of a start, a steering, or an end, with whatever is killed meanwhile. */
const LIMIT_MS = 240_000;
/** What was asked and did not come about is asked again. */
const AGAIN_MS = 3_000;
const ENDED = ["succeeded", "failed", "cancelled"];

export const SHAPES: Readonly<Record<string, Shape>> = {
  plain: { input: { steps: 25, stepMs: 150 }, ends: "succeeded" },
  flaky: { input: { steps: 12, stepMs: 300, flakyTries: 1 }, ends: "succeeded" },
  family: { input: { steps: 6, stepMs: 100, parallel: 4, childSteps: 12 }, ends: "succeeded" },
  approved: { input: { steps: 4, stepMs: 200, approval: true }, steer: approve, ends: "succeeded" },
  undone: { input: { steps: 200, stepMs: 200 }, steer: cancel, ends: "cancelled" },
  retried: { input: { steps: 6, stepMs: 100, failAt: 3 }, steer: retry, ends: "succeeded" },
};

/** Starts one of the shapes, steers it, and checks its end. Two runs of a stage wait for each other's lock. */
export async function driveRun(fleet: FleetOfTwo, name: string, stage: string, key: string): Promise<void> {
  const shape = SHAPES[name];
  if (shape === undefined) throw new Error(`There is no shape ${name}`);
  const runId = await fleet.askUntil(
    ["POST", "/v1/operations/rehearse/runs", { input: { ...shape.input, stage }, key, lockWaitMs: 600_000 }],
    ({ status, body }) => (status < 300 ? (body.runId as string) : undefined),
    { what: `The start of ${key}`, limitMs: LIMIT_MS },
  );
  await shape.steer?.(fleet, runId);
  const run = await whenRun(fleet, runId, (one) => ENDED.includes(one.state), "the end");
  expect(run, JSON.stringify(run)).toMatchObject({ state: shape.ends });
  checkEffects(fleet, runId, shape);
}

/** By the ledger outside: everything is there, or everything that was said to be done is undone. */
function checkEffects(fleet: FleetOfTwo, runId: string, { input, ends }: Shape): void {
  const written = new Set(
    fleet
      .ledger()
      .filter((line) => line.runId === runId)
      .map((line) => line.step),
  );
  if (ends === "succeeded") {
    const wanted = Array.from({ length: input.steps }, (_, index) => `write-${index + 1}`);
    expect(
      wanted.filter((step) => !written.has(step)),
      runId,
    ).toEqual([]);
    return;
  }
  const done = fleet
    .said()
    .filter((line) => line.runId === runId && line.message === "step.succeeded" && line.step?.startsWith("write-"))
    .map((line) => line.step ?? "");
  expect(
    done.filter((step) => !written.has(`undo:${step}`)),
    runId,
  ).toEqual([]);
}

async function whenRun(
  fleet: FleetOfTwo,
  runId: string,
  is: (run: Run) => boolean,
  what: string,
  limitMs = LIMIT_MS,
): Promise<Run> {
  return fleet.askUntil(
    ["GET", `/v1/runs/${runId}`],
    ({ status, body }) => (status === 200 && is(body as Run) ? (body as Run) : undefined),
    { what: `${runId}: ${what}`, limitMs },
  );
}

/** Until it is done, or was: an answer may be lost with who gave it. */
async function steer(fleet: FleetOfTwo, runId: string, verb: string, body: unknown, isDone: (run: Run) => boolean) {
  const post = async (): Promise<void> =>
    void (await fleet.askUntil(["POST", `/v1/runs/${runId}/${verb}`, body], () => true, {
      what: `${runId}: ${verb}`,
      limitMs: LIMIT_MS,
    }));
  for (;;) {
    await post();
    const done = await whenRun(fleet, runId, isDone, verb, AGAIN_MS).catch(() => undefined);
    if (done !== undefined) return;
  }
}

async function approve(fleet: FleetOfTwo, runId: string): Promise<void> {
  await whenRun(fleet, runId, (run) => run.state === "waiting", "the wait");
  await steer(fleet, runId, "approve", { approved: true }, (run) => run.state !== "waiting");
}

async function cancel(fleet: FleetOfTwo, runId: string): Promise<void> {
  const isUnderWay = (run: Run): boolean => run.steps.filter((step) => step.state === "succeeded").length >= 4;
  await whenRun(fleet, runId, (run) => isUnderWay(run) || ENDED.includes(run.state), "some steps");
  await steer(fleet, runId, "cancel", {}, (run) => ["cancelling", "cancelled"].includes(run.state));
}

async function retry(fleet: FleetOfTwo, runId: string): Promise<void> {
  // Killed between failing and saying so, the step gets over it at once.
  const { state } = await whenRun(fleet, runId, (run) => ENDED.includes(run.state), "its failure");
  if (state === "succeeded") return;
  await steer(fleet, runId, "retry", {}, (run) => run.state !== "failed");
}
