// A role that may not see tasks: for how long a task is taken to be alive after ECS forgot it.
import { ECSClient, type Service } from "@aws-sdk/client-ecs";
import { expect, it } from "vitest";
import { countLeaving, stopLimitMs } from "./count-without-tasks.ts";
import type { EcsDeps } from "./ecs-deps.ts";

function depsAt(time: { ms: number }): EcsDeps {
  return {
    client: new ECSClient({ region: "eu-west-1" }),
    cluster: "c",
    services: {},
    base: "newest",
    clock: { now: () => new Date(time.ms), monotonicMs: () => time.ms, sleep: async () => undefined },
    taskDefinitionLimitMs: 1,
    everyMs: 1,
    consistencyMs: 1,
    deregistrationDelayMs: 300_000,
    memory: {
      definitions: new Map(),
      releases: new Map(),
      receipts: new Map(),
      seenEmpty: new Map(),
      counts: new Map(),
    },
  };
}

const at = (desiredCount: number, runningCount: number): Service => ({ desiredCount, runningCount, pendingCount: 0 });

it("the limit is the longest stop, in a chain all of them, behind a load balancer its delay too", () => {
  const deps = depsAt({ ms: 0 });
  const containers = [{ name: "a", stopTimeout: 120 }, { name: "b" }];
  expect(stopLimitMs(deps, {}, [])).toBe(35_000);
  expect(stopLimitMs(deps, {}, [{ containerDefinitions: containers }])).toBe(125_000);
  const chained = [
    containers[0] ?? {},
    { name: "b", dependsOn: [{ containerName: "a", condition: "START" as const }] },
  ];
  expect(stopLimitMs(deps, {}, [{ containerDefinitions: chained }])).toBe(155_000);
  expect(stopLimitMs(deps, { loadBalancers: [{ containerPort: 1 }] }, [])).toBe(335_000);
});

it("holds what left until the limit is over", () => {
  const time = { ms: 0 };
  const deps = depsAt(time);
  const look = (service: Service): number => countLeaving(deps, "ender", service, 35_000);
  expect(look(at(3, 3))).toBe(0);
  time.ms = 10_000;
  expect(look(at(0, 1))).toBe(2);
  time.ms = 20_000;
  expect(look(at(0, 0))).toBe(3);
  time.ms = 54_999;
  expect(look(at(0, 0))).toBe(3);
  time.ms = 55_000;
  expect(look(at(0, 0))).toBe(0);
});

it("waits for it too when it did not see the service get to zero", () => {
  const time = { ms: 100 };
  const deps = depsAt(time);
  expect(countLeaving(deps, "ender", at(0, 0), 35_000)).toBe(1);
  time.ms = 35_100;
  expect(countLeaving(deps, "ender", at(0, 0), 35_000)).toBe(0);
  expect(countLeaving(deps, "comlink", at(2, 2), 35_000)).toBe(0);
});
