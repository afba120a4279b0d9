// Registering on the wire: everything carried, once, waited for; and what a role without the permission for it is told.
import { RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { afterEach, expect, it } from "vitest";
import { RevisionInvalid } from "../errors.ts";
import { openStandInFleet, type StandInFleet } from "../testing/open-stand-in-fleet.ts";
import { definitionOf, ecsNames, imageOf } from "../testing/seed-ecs-fleet.ts";

let fleet: StandInFleet;
afterEach(async () => fleet.close());

const target = { release: "v2", image: imageOf("ender", "2") };
const registered = () => fleet.ecs.definitions(ecsNames("ender").family);
const denied = (action: string) => ({
  error: "AccessDeniedException",
  message: `User: arn:aws:sts::1:assumed-role/auxo/run is not authorized to perform: ${action} on resource: arn:aws:iam::1:role/task`,
});

const rich = {
  pidMode: "task" as const,
  ephemeralStorage: { sizeInGiB: 40 },
  enableFaultInjection: true,
  runtimePlatform: { cpuArchitecture: "ARM64" as const, operatingSystemFamily: "LINUX" as const },
  volumes: [{ name: "data", host: {} }],
  tags: [
    { key: "Environment", value: "dev" },
    { key: "tidegate:release", value: "v1" },
  ],
};

it("registers everything that was there, and one other image", async () => {
  fleet = await openStandInFleet({ seeds: [{ service: "ender", definition: rich }] });
  const revision = await fleet.workloads.registerRevision("ender", target);
  expect(revision).toEqual({ id: expect.stringMatching(/-ender-task:2$/), release: "v2", image: target.image });
  const [before, after] = registered();
  const { containerDefinitions: oldContainers = [], ...old } = before?.definition ?? {};
  const { containerDefinitions: newContainers = [], ...young } = after?.definition ?? {};
  const ours = { taskDefinitionArn: expect.any(String), revision: 2, registeredAt: expect.any(Date) };
  expect(young).toEqual({ ...old, ...ours });
  expect(newContainers).toEqual(
    oldContainers.map((one, index) => (index === 0 ? { ...one, image: target.image } : one)),
  );
  expect(after?.tags).toEqual([
    { key: "Environment", value: "dev" },
    { key: "tidegate:release", value: "v2" },
  ]);
});

it("drafts it first: image and tag, the roles that are passed, and no secret", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  const draft = await fleet.workloads.draftRevision("ender", target);
  expect(draft).toMatchObject({
    notes: [],
    passedRoles: [
      "arn:aws:iam::123456789012:role/dev-indexer-execution",
      "arn:aws:iam::123456789012:role/dev-indexer-task",
    ],
    changes: [
      {
        path: "containerDefinitions[dev-indexer-euw1-ender-service-container].image",
        before: JSON.stringify(imageOf("ender", "1")),
        after: JSON.stringify(target.image),
      },
      { path: "tags[tidegate:release].value", before: '"v1"', after: '"v2"' },
    ],
  });
  expect(registered()).toHaveLength(1);
});

it("says when the newest revision is not what runs, shows its changes, and keeps its secrets", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  const changed = definitionOf({ service: "ender", release: "v1", image: imageOf("ender", "1") });
  const [container, agent] = changed.containerDefinitions ?? [];
  const environment = [
    { name: "DB_PASSWORD", value: "another one" },
    { name: "SERVICE_NAME", value: "ender" },
  ];
  await fleet.client.send(
    new RegisterTaskDefinitionCommand({
      ...changed,
      cpu: "1024",
      containerDefinitions: [{ ...container, environment }, { ...agent }],
    }),
  );
  await expect.poll(async () => (await fleet.workloads.draftRevision("ender", target)).notes).toHaveLength(1);
  const draft = await fleet.workloads.draftRevision("ender", target);
  expect(draft.notes[0]).toBe(
    "The newest revision dev-indexer-euw1-ender-task:2 is not what runs (dev-indexer-euw1-ender-task:1); the new one is made from dev-indexer-euw1-ender-task:2.",
  );
  expect(draft.changes.map((one) => one.path)).toEqual([
    "containerDefinitions[dev-indexer-euw1-ender-service-container].environment[DB_PASSWORD].value",
    "containerDefinitions[dev-indexer-euw1-ender-service-container].image",
    "cpu",
    "tags[tidegate:release].value",
  ]);
  expect(JSON.stringify(draft)).not.toMatch(/another one|not for eyes/);
  const running = await fleet.another({ base: "running" }).draftRevision("ender", target);
  expect(running.changes.map((one) => one.path)).not.toContain("cpu");
});

it("registers nothing when the newest revision is it already, also for a client that knows nothing", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  const revision = await fleet.workloads.registerRevision("ender", target);
  expect(await fleet.workloads.registerRevision("ender", target)).toEqual(revision);
  expect(await fleet.another().registerRevision("ender", target)).toEqual(revision);
  expect(fleet.standIn.count("ecs:RegisterTaskDefinition")).toBe(1);
});

it("waits until ECS knows the definition, and tells when that takes too long", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"], timing: { registeringMs: 150 } });
  await fleet.workloads.registerRevision("ender", target);
  const looks = fleet.standIn.calls.filter((call) => call.input["taskDefinition"] === "dev-indexer-euw1-ender-task:2");
  expect(looks.length).toBeGreaterThan(2);
  const hasty = fleet.another({ taskDefinitionLimitMs: 30 });
  await expect(hasty.registerRevision("ender", { release: "v3", image: imageOf("ender", "3") })).rejects.toMatchObject({
    name: "TimedOut",
    remedy: expect.stringContaining("MAX_TASK_DEFINITION_WAIT_TIME_MS"),
  });
});

it("names iam:PassRole when that is what the role lacks", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  fleet.standIn.inject({ action: "ecs:RegisterTaskDefinition", answer: denied("iam:PassRole") });
  await expect(fleet.workloads.registerRevision("ender", target)).rejects.toMatchObject({
    name: "AwsAccessDenied",
    remedy: expect.stringContaining("Grant iam:PassRole on arn:aws:iam::1:role/task"),
  });
});

it("does without its own tag where the role may not tag, says so, and still knows the release", async () => {
  fleet = await openStandInFleet({ seeds: [{ service: "ender", definition: { tags: undefined } }] });
  fleet.standIn.inject({ action: "ecs:RegisterTaskDefinition", answer: denied("ecs:TagResource") });
  const revision = await fleet.workloads.registerRevision("ender", target);
  expect(revision).toMatchObject({ release: "v2", note: expect.stringContaining("no ecs:TagResource") });
  expect(registered().at(-1)?.tags).toEqual([]);
  expect(await fleet.another().registerRevision("ender", target)).toMatchObject({ id: revision.id, release: "v2" });
  expect(registered()).toHaveLength(2);
});

it("does not lose tags that were there for the want of that permission", async () => {
  fleet = await openStandInFleet({ seeds: [{ service: "ender", definition: rich }] });
  fleet.standIn.inject({ action: "ecs:RegisterTaskDefinition", calls: "all", answer: denied("ecs:TagResource") });
  await expect(fleet.workloads.registerRevision("ender", target)).rejects.toMatchObject({ name: "AwsAccessDenied" });
  expect(registered()).toHaveLength(1);
});

it("refuses what cannot be registered, with the reason", async () => {
  fleet = await openStandInFleet({
    seeds: ["ender", { service: "socks", created: { deploymentController: { type: "CODE_DEPLOY" } } }],
  });
  const { workloads } = fleet;
  const draft = async (service: string, image?: string) =>
    workloads.draftRevision(service, { release: "v2", ...(image === undefined ? {} : { image }) });
  await expect(draft("ender")).rejects.toThrow(/no image is given/);
  await expect(draft("ender", "r/ender:v2")).rejects.toThrow(/not pinned by its digest/);
  await expect(draft("socks", imageOf("socks", "2"))).rejects.toThrow(/CODE_DEPLOY/);
  const wrong = fleet.another({
    services: { ender: { ...ecsNames("ender"), family: "no-family" }, agent: { ...ecsNames("ender"), container: "n" } },
  });
  const lost = await wrong.draftRevision("ender", target).catch((error: unknown) => error);
  expect(lost).toBeInstanceOf(RevisionInvalid);
  expect((lost as Error).message).toContain("no ACTIVE task definition no-family");
  await expect(wrong.draftRevision("agent", target)).rejects.toThrow(
    /no container of .* has a name that ends with "n"/,
  );
  expect(fleet.standIn.count("ecs:RegisterTaskDefinition")).toBe(0);
});

it("notes an image of another repository", async () => {
  fleet = await openStandInFleet({ seeds: ["ender"] });
  const draft = await fleet.workloads.draftRevision("ender", { release: "v2", image: imageOf("other", "2") });
  expect(draft.notes[0]).toMatch(/another repository: .*dev-indexer-other instead of .*dev-indexer-ender/);
});
