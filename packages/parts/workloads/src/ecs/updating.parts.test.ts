// Updates and what becomes of them: no more is sent than was asked, our own deployment is waited for, every ending has its name.
import { UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { afterEach, expect, it } from "vitest";
import { DeploymentFailed, DeploymentSuperseded, RevisionInvalid, UpdateInvalid } from "../errors.ts";
import { openStandInFleet, type StandInFleet } from "../testing/open-stand-in-fleet.ts";
import { CLUSTER, ecsNames, imageOf } from "../testing/seed-ecs-fleet.ts";
import { waitForDeployment } from "../wait-for-deployment.ts";

let fleet: StandInFleet;
afterEach(async () => fleet.close());

const settled = async (deploymentId: string, service = "ender") =>
  waitForDeployment(fleet.workloads, { service, deploymentId, limitMs: 20_000, everyMs: 10 });
const settledNow = async (): Promise<string> => {
  const { deploymentId } = await fleet.workloads.update("ender", {});
  await settled(deploymentId);
  return deploymentId;
};
const deploy = async (letter: string) => {
  const revision = await fleet.workloads.registerRevision("ender", {
    release: `v-${letter}`,
    image: imageOf("ender", letter),
  });
  return { revision, ...(await fleet.workloads.update("ender", { revision: revision.id })) };
};
const breaker = (rollback: boolean, enable = true) => ({
  deploymentConfiguration: { deploymentCircuitBreaker: { enable, rollback } },
});

it("sends what was asked and nothing else", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  const { revision } = await deploy("2");
  await fleet.workloads.update("ender", { desiredCount: 2 });
  await fleet.workloads.update("ender", { tags: { DesiredCount: "2" } });
  await fleet.workloads.update("ender", { desiredCount: 0, tags: { DesiredCount: "2" } });
  const about = { cluster: CLUSTER, service: ecsNames("ender").service };
  const sent = fleet.standIn.calls.filter((call) => /UpdateService|TagResource/.test(call.action));
  expect(sent.map((call) => call.action)).toEqual([
    "ecs:UpdateService",
    "ecs:UpdateService",
    "ecs:TagResource",
    // What shall be remembered is there before the count falls.
    "ecs:TagResource",
    "ecs:UpdateService",
  ]);
  expect(sent[0]?.input).toEqual({ ...about, taskDefinition: revision.id });
  expect(sent[1]?.input).toEqual({ ...about, desiredCount: 2 });
  expect(sent[4]?.input).toEqual({ ...about, desiredCount: 0 });
});

it("rolls ten services, each to its own revision, though ECS answers in no order", async () => {
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
  fleet = await openStandInFleet({ seeds: names });
  const receipts = await Promise.all(
    names.map(async (service) => {
      const revision = await fleet.workloads.registerRevision(service, { release: "v2", image: imageOf(service, "2") });
      return { service, revision, ...(await fleet.workloads.update(service, { revision: revision.id })) };
    }),
  );
  for (const { service, revision, deploymentId } of receipts) {
    const status = await settled(deploymentId, service);
    expect(status.revision).toEqual(revision);
    expect(status.revision.image).toBe(imageOf(service, "2"));
  }
});

it("the circuit breaker fails a deployment: the reason is ECS's", async () => {
  fleet = await openStandInFleet({ seeds: [{ service: "ender", created: breaker(false) }] });
  await settledNow();
  const { deploymentId } = await deploy("b");
  const failure = await settled(deploymentId).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DeploymentFailed);
  expect(failure).toMatchObject({
    details: { release: "v-b", reason: expect.stringContaining("tasks failed to start") },
  });
});

it("the circuit breaker rolls back: a failure, not somebody else's deployment, also long afterwards", async () => {
  fleet = await openStandInFleet({ seeds: [{ service: "ender", created: breaker(true) }] });
  await settledNow();
  const { deploymentId } = await deploy("b");
  const failure = await settled(deploymentId).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DeploymentFailed);
  const about = { deploymentId, reason: expect.stringContaining("tasks failed to start") };
  const rollback = await fleet.workloads.describe("ender");
  const newest = rollback.deployments[0]?.id ?? "";
  expect(newest).not.toBe(deploymentId);
  await settled(newest);
  const afterwards = await waitForDeployment(fleet.another(), { service: "ender", deploymentId, limitMs: 1_000 }).catch(
    (error: unknown) => error,
  );
  expect(afterwards).toBeInstanceOf(DeploymentFailed);
  expect(afterwards).toMatchObject({ details: { ...about, rolledBackTo: "v1" } });
  expect((afterwards as Error).message).toContain(`went back to release "v1" by itself`);
});

it("somebody else's deployment is told apart", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  await settledNow();
  const { deploymentId } = await deploy("d");
  await fleet.client.send(
    new UpdateServiceCommand({
      cluster: CLUSTER,
      service: ecsNames("ender").service,
      taskDefinition: ecsNames("ender").family,
      forceNewDeployment: true,
    }),
  );
  await expect(settled(deploymentId)).rejects.toBeInstanceOf(DeploymentSuperseded);
});

it.each([
  [
    "that never start, where there is no circuit breaker",
    "b",
    false,
    /\d of its tasks failed to start; the last one: CannotPull/,
  ],
  [
    "that end after they started, which the circuit breaker does not see",
    "c",
    true,
    /\d of its tasks ended by themselves/,
  ],
])("tasks %s: failed", async (_, letter, isEnabled, reason) => {
  fleet = await openStandInFleet({
    seeds: [{ service: "ender", created: breaker(false, isEnabled) }],
    // A task of it must not look steady.
    timing: { steadyMs: 200 },
  });
  await settledNow();
  const { deploymentId } = await deploy(letter);
  const failure = await settled(deploymentId).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(DeploymentFailed);
  expect((failure as DeploymentFailed).details["reason"]).toMatch(reason);
  const mended = await deploy("2");
  expect((await settled(mended.deploymentId)).runningCount).toBe(1);
});

it("tasks that hang: in progress until the limit, and the writer of before still runs", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  await settledNow();
  const { deploymentId } = await deploy("d");
  await expect(
    waitForDeployment(fleet.workloads, { service: "ender", deploymentId, limitMs: 200, everyMs: 20 }),
  ).rejects.toMatchObject({ name: "TimedOut" });
  expect(fleet.living("ender")).toBe(1);
});

it("an old answer of DescribeServices is neither somebody else's deployment nor the end of ours", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"], timing: { staleMs: 1_000 } });
  await settledNow();
  const { deploymentId } = await deploy("2");
  const status = await fleet.workloads.describe("ender");
  expect(status.deployments[0]).toMatchObject({ id: deploymentId, state: "in-progress", release: "v-2" });
  expect((await settled(deploymentId)).release).toBe("v-2");
  await fleet.workloads.update("ender", { desiredCount: 0 });
  expect(await fleet.workloads.describe("ender")).toMatchObject({
    desiredCount: 0,
    deployments: [{ state: "in-progress", desiredCount: 0 }],
  });
  const raised = await fleet.workloads.update("ender", { desiredCount: 1 });
  expect(await settled(raised.deploymentId)).toMatchObject({ desiredCount: 1, runningCount: 1, pendingCount: 0 });
  expect(fleet.living("ender")).toBe(1);
});

it("goes through throttling, and tells each try", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  fleet.standIn.inject({ action: "ecs:UpdateService", calls: [1, 2], answer: "throttle" });
  await fleet.workloads.update("ender", { desiredCount: 2 });
  expect(fleet.told.map(({ operation, attempt, throttled }) => [operation, attempt, throttled])).toEqual([
    ["UpdateService", 1, true],
    ["UpdateService", 2, true],
    ["UpdateService", 3, false],
  ]);
});

it("refuses what is not its own, and names what the role lacks", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  const { workloads } = fleet;
  const other = "arn:aws:ecs:eu-west-1:123456789012:task-definition/dev-indexer-euw1-socks-task:1";
  await expect(workloads.update("ender", { revision: other })).rejects.toBeInstanceOf(UpdateInvalid);
  const gone = other.replace("socks-task:1", "ender-task:99");
  await expect(workloads.update("ender", { revision: gone })).rejects.toBeInstanceOf(RevisionInvalid);
  fleet.standIn.inject({ action: "ecs:TagResource", answer: "deny" });
  await expect(workloads.update("ender", { desiredCount: 0, tags: { DesiredCount: "1" } })).rejects.toMatchObject({
    name: "AwsAccessDenied",
    details: { action: "ecs:TagResource" },
  });
  expect((await workloads.describe("ender")).desiredCount).toBe(1);
});
