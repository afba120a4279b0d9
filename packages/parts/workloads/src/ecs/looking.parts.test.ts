// How the adapter looks: by name, in tens, no more than needed, and never "zero" while a process lives.
import { waitUntil } from "@tidegate/kernel";
import { afterEach, expect, it } from "vitest";
import { ClusterNotFound, UnknownService } from "../errors.ts";
import { openStandInFleet, type StandInFleet } from "../testing/open-stand-in-fleet.ts";
import { CLUSTER, ecsNames } from "../testing/seed-ecs-fleet.ts";
import { waitForDeployment, waitForDrained } from "../wait-for-deployment.ts";

let fleet: StandInFleet;
afterEach(async () => fleet.close());

const LIMIT_MS = 20_000;

async function settleAll(names: readonly string[]): Promise<void> {
  await waitUntil(
    async () => {
      const all = [...(await fleet.workloads.describeAll(names)).values()];
      return all.every((one) => one.deployments[0]?.state === "completed") ? true : undefined;
    },
    { what: "The fleet being steady", limitMs: LIMIT_MS, remedy: "-" },
  );
}

it("asks for 50 steady services with 5 calls, and gives each its own status though ECS answers in no order", async () => {
  const names = Array.from({ length: 50 }, (_, index) => `s${index}`);
  fleet = await openStandInFleet({
    seeds: names.map((service, index) => ({ service, desiredCount: index % 3 === 0 ? 0 : 1, release: `r${index}` })),
  });
  await settleAll(names);
  fleet.standIn.forgetCalls();
  const all = await fleet.workloads.describeAll(names, { instances: "when-needed" });
  for (const [index, name] of names.entries())
    expect(all.get(name)).toMatchObject({
      service: name,
      release: `r${index}`,
      desiredCount: index % 3 === 0 ? 0 : 1,
      notes: ["Its instances were not looked at."],
    });
  const calls = fleet.standIn.calls.map((call) => call.action);
  expect(calls).toEqual(Array.from({ length: 5 }, () => "ecs:DescribeServices"));
  expect(fleet.told).toHaveLength(fleet.told.filter((call) => !call.throttled).length);
});

it("looks at the tasks of a service at zero until it has seen none, and again when something was started", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"], timing: { stoppingMs: 1_000 } });
  await settleAll(["ender"]);
  await fleet.workloads.update("ender", { desiredCount: 0 });
  await waitForDrained(fleet.workloads, { service: "ender", limitMs: LIMIT_MS, everyMs: 10 });
  const cold = fleet.another();
  fleet.standIn.forgetCalls();
  await cold.describeAll(["ender"], { instances: "when-needed" });
  expect(fleet.standIn.count("ecs:ListTasks")).toBe(2);
  await cold.describeAll(["ender"], { instances: "when-needed" });
  await cold.describeAll(["ender"], { instances: "when-needed" });
  expect(fleet.standIn.count("ecs:ListTasks")).toBe(2);
  expect(fleet.standIn.count("ecs:DescribeServices")).toBe(3);
  const { deploymentId } = await fleet.workloads.update("ender", { desiredCount: 1 });
  await waitForDeployment(fleet.workloads, { service: "ender", deploymentId, limitMs: LIMIT_MS, everyMs: 10 });
  await fleet.workloads.update("ender", { desiredCount: 0 });
  const [status] = (await cold.describeAll(["ender"], { instances: "when-needed" })).values();
  expect(status?.runningCount).toBe(1);
});

it("counts a task that stops as running, though ECS's own count is zero", async () => {
  fleet = await openStandInFleet({ seeds: [{ service: "ender", desiredCount: 2 }], timing: { stoppingMs: 1_500 } });
  await settleAll(["ender"]);
  await fleet.workloads.update("ender", { desiredCount: 0 });
  const status = await fleet.workloads.describe("ender");
  expect(status).toMatchObject({
    desiredCount: 0,
    runningCount: 2,
    instances: [{ state: "stopping" }, { state: "stopping" }],
  });
  expect(fleet.living("ender")).toBe(2);
  let seenLiving = 0;
  await waitForDrained(fleet.workloads, {
    service: "ender",
    limitMs: LIMIT_MS,
    everyMs: 10,
    onStatus: (one) => {
      if (one.runningCount > 0) seenLiving += 1;
    },
  });
  expect(fleet.living("ender")).toBe(0);
  expect(seenLiving).toBeGreaterThan(0);
});

it("counts a task behind a load balancer from the begin of its deactivation", async () => {
  const created = { loadBalancers: [{ targetGroupArn: "arn:x", containerName: "c", containerPort: 80 }] };
  fleet = await openStandInFleet({ seeds: [{ service: "comlink", created }], timing: { deactivatingMs: 1_500 } });
  await settleAll(["comlink"]);
  await fleet.workloads.update("comlink", { desiredCount: 0 });
  expect(await fleet.workloads.describe("comlink")).toMatchObject({
    runningCount: 1,
    instances: [{ state: "stopping" }],
  });
  await waitForDrained(fleet.workloads, { service: "comlink", limitMs: LIMIT_MS, everyMs: 10 });
  expect(fleet.living("comlink")).toBe(0);
});

it("says what it cannot see, and does not take ECS's zero for the end", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  await settleAll(["ender"]);
  fleet.standIn.inject({ action: "ecs:ListTasks", calls: "all", answer: "deny" });
  fleet.standIn.forgetCalls();
  const blind = fleet.another();
  expect(await blind.describe("ender")).toMatchObject({ runningCount: 1, instances: [] });
  await fleet.workloads.update("ender", { desiredCount: 0 });
  const status = await blind.describe("ender");
  expect(status).toMatchObject({ desiredCount: 0, runningCount: 1 });
  expect(status.notes?.[0]).toMatch(/no ecs:ListTasks: .* taken to be alive for 35 s/);
  // Once is enough to know.
  expect(fleet.standIn.count("ecs:ListTasks")).toBe(1);
});

it("reads further pages, and more tasks than fit in one call", async () => {
  fleet = await openStandInFleet({ seeds: [{ service: "vulcan", desiredCount: 230 }] });
  await settleAll(["vulcan"]);
  fleet.standIn.forgetCalls();
  const status = await fleet.workloads.describe("vulcan");
  expect(status.instances).toHaveLength(230);
  expect(fleet.standIn.count("ecs:ListTasks")).toBe(4);
  expect(fleet.standIn.count("ecs:DescribeTasks")).toBe(3);
});

it("names every service that ECS does not have, deleted ones too, and a cluster that is not there", async () => {
  fleet = await openStandInFleet({ seeds: ["ender", "socks"] });
  fleet.ecs.deactivate(CLUSTER, ecsNames("socks").service);
  const workloads = fleet.another({
    services: { ender: ecsNames("ender"), socks: ecsNames("socks"), comlink: ecsNames("comlink") },
  });
  const error = await workloads.describeAll(["ender", "socks", "comlink"]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnknownService);
  expect((error as Error).message).toContain(`"socks (dev-indexer-euw1-socks)", "comlink (dev-indexer-euw1-comlink)"`);
  await expect(workloads.update("comlink", { desiredCount: 1 })).rejects.toBeInstanceOf(UnknownService);
  await expect(fleet.another({ cluster: "prod" }).describe("ender")).rejects.toBeInstanceOf(ClusterNotFound);
});
