// Every call of ECS that an upgrade of fifty services makes, held against ECS's documented quotas, at the document's SLEEP_TIME_MS.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, type Clock } from "@tidegate/kernel";
import { afterAll, afterEach, expect, it } from "vitest";
import { ECS_QUOTAS, type Quota } from "./platform/ecs-quotas.ts";
import { EVENT, openAwsFleet, type AwsFleet } from "./testing/open-aws-fleet.ts";

const WRITERS = ["ender", "roundtable"];
const SERVICES = [...WRITERS, ...Array.from({ length: 48 }, (_, index) => `reader-${String(index).padStart(2, "0")}`)];
const FLEET = `name: fifty
platform: ecs
services:
${SERVICES.map((name) => `  ${name}: { writer: ${WRITERS.includes(name)} }`).join("\n")}
restartWriters: after-rollout
# Within Lambda's fifteen minutes.
limits: { rolloutMs: 300000 }
`;
const SLEEP_TIME_MS = 5_000;
/** A second lasts a tenth of one, for Auxo and the stand-in alike: a call of 5 ms here is one of 50 ms there. */
const SPEED = 10;

const fleetsDir = mkdtempSync(join(tmpdir(), "tidegate-fleets-"));
writeFileSync(join(fleetsDir, "fifty.yaml"), FLEET);
afterAll(() => rmSync(fleetsDir, { recursive: true }));

let fleet: AwsFleet | undefined;
afterEach(async () => {
  await fleet?.close();
  fleet = undefined;
});

const startMs = Date.now();
const fastClock: Clock = {
  now: () => new Date(startMs + (Date.now() - startMs) * SPEED),
  monotonicMs: () => systemClock.monotonicMs() * SPEED,
  sleep: async (ms, signal) => systemClock.sleep(ms / SPEED, signal),
};

interface Call {
  readonly operation: string;
  readonly atMs: number;
}

it("upgrades fifty services within ECS's quotas, slow states and all", { timeout: 120_000 }, async () => {
  fleet = await openAwsFleet({
    services: SERVICES,
    clock: fastClock,
    // As Fargate: a task needs half a minute to run, and as long to end; a deployment is steady some time later.
    timing: {
      provisioningMs: 15_000,
      pendingMs: 15_000,
      stoppingMs: 20_000,
      deprovisioningMs: 5_000,
      steadyMs: 30_000,
    },
    env: {
      AUXO_FLEETS_DIR: fleetsDir,
      SLEEP_TIME_MS: String(SLEEP_TIME_MS),
      MAX_TASK_DEFINITION_WAIT_TIME_MS: "60000",
    },
  });
  expect((await fleet.invoke({ ...EVENT, fleet: "fifty" })).statusCode).toBe(200);
  const calls = fleet.standIn.calls.flatMap(({ action, atMs, input }) =>
    action.startsWith("ecs:") ? [{ operation: action.slice("ecs:".length), atMs, input }] : [],
  );

  // The quotas are of calls as they arrive, in whatever step they were made.
  for (const quota of ECS_QUOTAS) expect(lowestLevel(quota, calls), quota.category).toBeGreaterThanOrEqual(0);
  expect(fleet.standIn.calls.filter((call) => call.attempt > 1)).toEqual([]);

  // From the last service's move until the writers are started there is nothing but polling, of fifty services that move at once.
  const moved = calls.findLastIndex(
    ({ operation, input }) => operation === "UpdateService" && "taskDefinition" in input,
  );
  const started = calls.findIndex(({ operation }, index) => index > moved && operation === "UpdateService");
  const polling = calls.slice(moved + 1, started);
  expect([...new Set(polling.map((call) => call.operation))].toSorted()).toEqual([
    "DescribeServices",
    "DescribeTasks",
    "ListTasks",
  ]);
  const rounds = roundsOf(polling);
  expect(rounds.length).toBeGreaterThan(5);
  for (const round of rounds) {
    const made = (operation: string): number => round.filter((call) => call.operation === operation).length;
    expect(made("DescribeServices")).toBeLessThanOrEqual(SERVICES.length / 10);
    // Of each service on the move its running tasks and its stopped ones, and what they are.
    expect(made("ListTasks")).toBeLessThanOrEqual(SERVICES.length * 2);
    expect(made("DescribeTasks")).toBeLessThanOrEqual(SERVICES.length);
  }
  const perSecond = (polling.length * 1_000) / ((polling.at(-1)?.atMs ?? 0) - (polling[0]?.atMs ?? 0));
  expect(perSecond).toBeLessThan(20);
});

/** What the bucket held when it held least; below zero ECS would have answered ThrottlingException. */
function lowestLevel({ actions, burst, perSecond }: Quota, calls: readonly Call[]): number {
  let level = burst;
  let lowest = burst;
  let atMs = calls[0]?.atMs ?? 0;
  for (const call of calls.filter((one) => actions.includes(one.operation))) {
    level = Math.min(burst, level + ((call.atMs - atMs) / 1_000) * perSecond) - 1;
    atMs = call.atMs;
    lowest = Math.min(lowest, level);
  }
  return lowest;
}

/** Each begins with a look at the services: after a sleep, or at once with the next ten of them. */
function roundsOf(calls: readonly Call[]): readonly (readonly Call[])[] {
  const rounds: Call[][] = [];
  let before = "";
  for (const call of calls) {
    const isNext = call.operation === "DescribeServices" && before !== "DescribeServices";
    if (isNext || rounds.length === 0) rounds.push([]);
    rounds.at(-1)?.push(call);
    before = call.operation;
  }
  return rounds;
}
