import type { Clock } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { createPace } from "./create-pace.ts";
import { ECS_QUOTAS } from "./ecs-quotas.ts";

/** A clock that stands still but for sleeping, which it records. */
function createClock(): { readonly clock: Clock; readonly slept: number[]; readonly pass: (ms: number) => void } {
  let nowMs = 0;
  const slept: number[] = [];
  const clock: Clock = {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    sleep: async (ms) => void slept.push(ms),
  };
  return { clock, slept, pass: (ms) => void (nowMs += ms) };
}

it("lets a burst through at once, and the rest at the sustained rate, each after the one before", async () => {
  const { clock, slept } = createClock();
  const pace = createPace(ECS_QUOTAS, clock);
  for (let call = 0; call < 21; call++) await pace("RegisterTaskDefinition");
  // Of 20 and 1 a second, nine tenths: 17 at once, as a second's token may not be there yet.
  expect(slept).toEqual([1_112, 2_223, 3_334, 4_445]);
});

it("fills up again while nothing is called, and no further than its capacity", async () => {
  const { clock, slept, pass } = createClock();
  const pace = createPace(ECS_QUOTAS, clock);
  for (let call = 0; call < 72; call++) await pace("DescribeServices");
  pass(1_000);
  for (let call = 0; call < 18; call++) await pace("ListServices");
  expect(slept).toEqual([]);
  pass(3_600_000);
  for (let call = 0; call < 73; call++) await pace("DescribeServices");
  expect(slept).toHaveLength(1);
});

it("counts each quota by itself, and leaves alone what has none", async () => {
  const { clock, slept } = createClock();
  const pace = createPace(ECS_QUOTAS, clock);
  for (let call = 0; call < 17; call++) await pace("RegisterTaskDefinition");
  for (let call = 0; call < 40; call++) await pace("UpdateService");
  for (let call = 0; call < 500; call++) await pace("DescribeClusters");
  expect(slept).toEqual([]);
});
