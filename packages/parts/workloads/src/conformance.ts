// What every adapter of the port must do, run against each of them, the one of this machine and the one on ECS alike.
import { TidegateError } from "@tidegate/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeploymentFailed, DeploymentSuperseded, ReleaseNotFound, UnknownService, UpdateInvalid } from "./errors.ts";
import type { RevisionTarget, Workloads } from "./port.ts";
import { waitForDeployment, waitForDrained } from "./wait-for-deployment.ts";

/** Two services, "writer" and "reader", exist with one running instance each, on release `first`. */
export interface WorkloadsHarness {
  readonly workloads: Workloads;
  readonly releases: {
    readonly first: string;
    readonly second: string;
    /** Its instances end by themselves as soon as they are started. */
    readonly broken: string;
  };
  /** What a release stands for; the image of a registry where the platform has images. */
  readonly target: (release: string) => RevisionTarget;
  /** How many instances of a service really run, found out without the adapter. */
  readonly countOutside: (service: string) => Promise<number>;
  /** Takes everything away and throws when something is left. */
  readonly close: () => Promise<void>;
}

/**
 * What an imitation of a platform may lack, so that nothing can be learnt about the adapter there. Only what differs in the
 * platform itself is left out; the same test runs against the adapter's other platform.
 */
export type Capability =
  /** Instances run, and can be counted and looked at. */
  | "instances"
  /** A release that does not work fails. */
  | "failures"
  /** A service keeps its deployment when only its count changes. */
  | "deployments";

export interface ConformanceOptions {
  readonly adapter: string;
  readonly open: () => Promise<WorkloadsHarness>;
  /** What the platform of this run lacks, each with the reason, which is shown in the titles. Default nothing. */
  readonly lacks?: Readonly<Partial<Record<Capability, string>>>;
  /** For one wait. Default 20,000. */
  readonly limitMs?: number;
}

const SERVICE = "writer";

/** Defines the suite. The tests build on each other and leave the writer where they found it. */
export function workloadsConformance(options: ConformanceOptions): void {
  const limitMs = options.limitMs ?? 20_000;
  describe(`the port of workloads: ${options.adapter}`, () => {
    let harness: WorkloadsHarness;
    beforeAll(async () => {
      harness = await options.open();
    });
    afterAll(async () => {
      await harness.close();
    });

    const has = (capability: Capability): boolean => options.lacks?.[capability] === undefined;
    const titled = (title: string, ...needs: readonly Capability[]): string =>
      [title, ...needs.filter((one) => !has(one)).map((one) => `(without ${one}: ${options.lacks?.[one] ?? ""})`)].join(
        " ",
      );
    const expectOutside = async (count: number): Promise<void> => {
      if (has("instances")) expect(await harness.countOutside(SERVICE)).toBe(count);
    };
    const settled = async (deploymentId: string) =>
      waitForDeployment(harness.workloads, { service: SERVICE, deploymentId, limitMs });

    it("lists its services, sorted", async () => {
      const names = await harness.workloads.list();
      expect(names).toContain("reader");
      expect(names).toContain("writer");
      expect(names).toEqual([...names].sort());
    });

    it(titled("describes what runs", "instances"), async () => {
      const { deploymentId } = await harness.workloads.update(SERVICE, { desiredCount: 1 });
      const status = await settled(deploymentId);
      expect(status).toMatchObject({
        service: SERVICE,
        release: harness.releases.first,
        desiredCount: 1,
        runningCount: 1,
        pendingCount: 0,
        controller: { alive: true },
      });
      expect(status.revision).toMatchObject({ release: harness.releases.first });
      expect(status.deployments[0]?.revision).toBe(status.revision.id);
      if (has("instances"))
        expect(status.instances).toMatchObject([{ state: "running", release: harness.releases.first }]);
      await expectOutside(1);
    });

    it(titled("scales up, and down again", "instances", "deployments"), async () => {
      const up = await harness.workloads.update(SERVICE, { desiredCount: 3 });
      expect((await settled(up.deploymentId)).runningCount).toBe(3);
      await expectOutside(3);
      const down = await harness.workloads.update(SERVICE, { desiredCount: 1 });
      if (has("deployments")) expect(down.deploymentId).toBe(up.deploymentId);
      expect((await settled(down.deploymentId)).runningCount).toBe(1);
      await expectOutside(1);
    });

    it(titled("drains to zero, and zero means that no instance is left", "instances"), async () => {
      await harness.workloads.update(SERVICE, { desiredCount: 0 });
      const status = await waitForDrained(harness.workloads, { service: SERVICE, limitMs });
      await expectOutside(0);
      expect(status.desiredCount).toBe(0);
      const { deploymentId } = await harness.workloads.update(SERVICE, { desiredCount: 1 });
      await settled(deploymentId);
      await expectOutside(1);
    });

    it(titled("deploys another release under a new deployment, and back", "instances"), async () => {
      const before = await harness.workloads.describe(SERVICE);
      const there = await harness.workloads.update(SERVICE, { release: harness.releases.second });
      expect(there.deploymentId).not.toBe(before.deployments[0]?.id);
      const status = await settled(there.deploymentId);
      expect(status.release).toBe(harness.releases.second);
      if (has("instances")) expect(status.instances.map((one) => one.release)).toEqual([harness.releases.second]);
      expect(status.deployments[0]).toMatchObject({ id: there.deploymentId, state: "completed" });
      const back = await harness.workloads.update(SERVICE, { release: harness.releases.first });
      expect((await settled(back.deploymentId)).release).toBe(harness.releases.first);
    });

    it(titled("keeps a stopped service stopped when its release changes", "instances"), async () => {
      await harness.workloads.update(SERVICE, { desiredCount: 0 });
      await waitForDrained(harness.workloads, { service: SERVICE, limitMs });
      const { deploymentId } = await harness.workloads.update(SERVICE, { release: harness.releases.second });
      await settled(deploymentId);
      await expectOutside(0);
      const raised = await harness.workloads.update(SERVICE, { desiredCount: 1 });
      const status = await settled(raised.deploymentId);
      if (has("instances")) expect(status.instances.map((one) => one.release)).toEqual([harness.releases.second]);
      await settled((await harness.workloads.update(SERVICE, { release: harness.releases.first })).deploymentId);
    });

    it(titled("changes nothing when the same update comes again", "instances"), async () => {
      const before = await harness.workloads.describe(SERVICE);
      const again = await harness.workloads.update(SERVICE, { release: harness.releases.first, desiredCount: 1 });
      expect(again.deploymentId).toBe(before.deployments[0]?.id);
      const after = await settled(again.deploymentId);
      expect(after.instances.map((one) => one.id)).toEqual(before.instances.map((one) => one.id));
    });

    it(titled("tells that a release fails, with a reason, and mends with the next one", "failures"), async () => {
      const broken = await harness.workloads.update(SERVICE, { release: harness.releases.broken });
      if (has("failures")) {
        const failure = await settled(broken.deploymentId).catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(DeploymentFailed);
        expect((failure as DeploymentFailed).details["reason"]).not.toBe("");
      }
      const mended = await harness.workloads.update(SERVICE, { release: harness.releases.first });
      const superseded = await settled(broken.deploymentId).catch((error: unknown) => error);
      expect(superseded).toBeInstanceOf(DeploymentSuperseded);
      expect((await settled(mended.deploymentId)).runningCount).toBe(1);
    });

    it("sets tags and keeps those not named", async () => {
      await harness.workloads.update(SERVICE, { tags: { DesiredCount: "1", team: "indexer" } });
      await harness.workloads.update(SERVICE, { tags: { DesiredCount: "2" } });
      const status = await harness.workloads.describe(SERVICE);
      expect(status.tags).toMatchObject({ DesiredCount: "2", team: "indexer" });
      expect(status.desiredCount).toBe(1);
    });

    it("loses no part of concurrent updates", async () => {
      const names = Array.from({ length: 8 }, (_, index) => `tag-${index}`);
      await Promise.all([
        ...names.map(async (name) => harness.workloads.update(SERVICE, { tags: { [name]: "set" } })),
        harness.workloads.update(SERVICE, { desiredCount: 2 }),
      ]);
      const status = await harness.workloads.describe(SERVICE);
      expect(Object.keys(status.tags)).toEqual(expect.arrayContaining(names));
      expect(status.desiredCount).toBe(2);
      const { deploymentId } = await harness.workloads.update(SERVICE, { desiredCount: 1 });
      await settled(deploymentId);
    });

    it("describes several at once, by name, and names all that are missing", async () => {
      const all = await harness.workloads.describeAll(["reader", SERVICE]);
      expect([...all.keys()].sort()).toEqual(["reader", SERVICE]);
      for (const [name, status] of all)
        expect(status).toMatchObject({ service: name, desiredCount: 1, runningCount: 1 });
      expect(all.get(SERVICE)?.revision).toEqual((await harness.workloads.describe(SERVICE)).revision);
      const missing = await harness.workloads
        .describeAll([SERVICE, "nobody", "ghost"])
        .catch((error: unknown) => error);
      expect(missing).toBeInstanceOf(UnknownService);
      expect((missing as UnknownService).message).toMatch(/nobody.*ghost/);
    });

    it("drafts what a release would change, and changes nothing", async () => {
      const before = await harness.workloads.describe(SERVICE);
      const draft = await harness.workloads.draftRevision(SERVICE, harness.target(harness.releases.second));
      expect(draft).toMatchObject({
        service: SERVICE,
        from: before.revision,
        target: { release: harness.releases.second },
      });
      expect(draft.changes.length).toBeGreaterThan(0);
      const paths = draft.changes.map((one) => one.path);
      expect(paths).toEqual([...paths].sort());
      for (const { before, after } of draft.changes) expect(before).not.toEqual(after);
      const same = await harness.workloads.draftRevision(SERVICE, harness.target(harness.releases.first));
      expect(same.changes).toEqual([]);
      const after = await harness.workloads.describe(SERVICE);
      expect(after.deployments).toEqual(before.deployments);
    });

    it("registers once, deploys the revision, and goes back to the recorded one", async () => {
      const before = await harness.workloads.describe(SERVICE);
      const target = harness.target(harness.releases.second);
      const revision = await harness.workloads.registerRevision(SERVICE, target);
      expect(await harness.workloads.registerRevision(SERVICE, target)).toEqual(revision);
      expect(revision).toMatchObject({ release: harness.releases.second, image: target.image ?? null });
      expect((await harness.workloads.describe(SERVICE)).revision).toEqual(before.revision);
      const there = await harness.workloads.update(SERVICE, { revision: revision.id });
      const status = await settled(there.deploymentId);
      expect(status).toMatchObject({ revision, release: harness.releases.second });
      expect(status.deployments[0]).toMatchObject({ id: there.deploymentId, revision: revision.id });
      const again = await harness.workloads.update(SERVICE, { revision: revision.id });
      expect(again.deploymentId).toBe(there.deploymentId);
      const back = await harness.workloads.update(SERVICE, { revision: before.revision.id });
      expect((await settled(back.deploymentId)).revision).toEqual(before.revision);
    });

    it(titled("leaves other services alone", "instances"), async () => {
      const status = await harness.workloads.describe("reader");
      expect(status).toMatchObject({ release: harness.releases.first, desiredCount: 1, runningCount: 1 });
      if (has("instances")) expect(status.instances[0]?.restarts).toBe(0);
    });

    it("refuses what it does not know, and changes nothing", async () => {
      const before = await harness.workloads.describe(SERVICE);
      await expect(harness.workloads.describe("nobody")).rejects.toBeInstanceOf(UnknownService);
      await expect(harness.workloads.describe("../etc")).rejects.toBeInstanceOf(UnknownService);
      await expect(harness.workloads.update("nobody", { desiredCount: 1 })).rejects.toBeInstanceOf(UnknownService);
      await expect(harness.workloads.update(SERVICE, { desiredCount: -1 })).rejects.toBeInstanceOf(UpdateInvalid);
      await expect(harness.workloads.update(SERVICE, { desiredCount: 1.5 })).rejects.toBeInstanceOf(UpdateInvalid);
      await expect(harness.workloads.update(SERVICE, { release: "no-such" })).rejects.toBeInstanceOf(ReleaseNotFound);
      const { first } = harness.releases;
      await expect(harness.workloads.update(SERVICE, { revision: "no-such" })).rejects.toBeInstanceOf(TidegateError);
      await expect(
        harness.workloads.update(SERVICE, { release: first, revision: before.revision.id }),
      ).rejects.toBeInstanceOf(UpdateInvalid);
      const target = harness.target(first);
      await expect(harness.workloads.draftRevision("nobody", target)).rejects.toBeInstanceOf(UnknownService);
      await expect(harness.workloads.registerRevision("nobody", target)).rejects.toBeInstanceOf(UnknownService);
      expect((await harness.workloads.describe(SERVICE)).deployments).toEqual(before.deployments);
    });
  });
}
