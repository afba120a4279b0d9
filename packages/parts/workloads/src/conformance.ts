// What every adapter of the port must do, run against each of them, the one of this machine and the one on ECS alike.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DeploymentFailed, DeploymentSuperseded, ReleaseNotFound, UnknownService, UpdateInvalid } from "./errors.ts";
import type { Workloads } from "./port.ts";
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
  /** How many instances of a service really run, found out without the adapter. */
  readonly countOutside: (service: string) => Promise<number>;
  /** Takes everything away and throws when something is left. */
  readonly close: () => Promise<void>;
}

export interface ConformanceOptions {
  readonly adapter: string;
  readonly open: () => Promise<WorkloadsHarness>;
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

    const settled = async (deploymentId: string) =>
      waitForDeployment(harness.workloads, { service: SERVICE, deploymentId, limitMs });

    it("lists its services, sorted", async () => {
      const names = await harness.workloads.list();
      expect(names).toContain("reader");
      expect(names).toContain("writer");
      expect(names).toEqual([...names].sort());
    });

    it("describes what runs", async () => {
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
      expect(status.instances).toHaveLength(1);
      expect(status.instances[0]).toMatchObject({ state: "running", release: harness.releases.first });
      expect(await harness.countOutside(SERVICE)).toBe(1);
    });

    it("scales up, and down again", async () => {
      const up = await harness.workloads.update(SERVICE, { desiredCount: 3 });
      expect((await settled(up.deploymentId)).runningCount).toBe(3);
      expect(await harness.countOutside(SERVICE)).toBe(3);
      const down = await harness.workloads.update(SERVICE, { desiredCount: 1 });
      expect(down.deploymentId).toBe(up.deploymentId);
      expect((await settled(down.deploymentId)).runningCount).toBe(1);
      expect(await harness.countOutside(SERVICE)).toBe(1);
    });

    it("drains to zero, and zero means that no instance is left", async () => {
      await harness.workloads.update(SERVICE, { desiredCount: 0 });
      const status = await waitForDrained(harness.workloads, { service: SERVICE, limitMs });
      expect(await harness.countOutside(SERVICE)).toBe(0);
      expect(status.desiredCount).toBe(0);
      const { deploymentId } = await harness.workloads.update(SERVICE, { desiredCount: 1 });
      await settled(deploymentId);
      expect(await harness.countOutside(SERVICE)).toBe(1);
    });

    it("deploys another release under a new deployment, and back", async () => {
      const before = await harness.workloads.describe(SERVICE);
      const there = await harness.workloads.update(SERVICE, { release: harness.releases.second });
      expect(there.deploymentId).not.toBe(before.deployments[0]?.id);
      const status = await settled(there.deploymentId);
      expect(status.release).toBe(harness.releases.second);
      expect(status.instances.map((one) => one.release)).toEqual([harness.releases.second]);
      expect(status.deployments[0]).toMatchObject({ id: there.deploymentId, state: "completed" });
      const back = await harness.workloads.update(SERVICE, { release: harness.releases.first });
      expect((await settled(back.deploymentId)).release).toBe(harness.releases.first);
    });

    it("keeps a stopped service stopped when its release changes", async () => {
      await harness.workloads.update(SERVICE, { desiredCount: 0 });
      await waitForDrained(harness.workloads, { service: SERVICE, limitMs });
      const { deploymentId } = await harness.workloads.update(SERVICE, { release: harness.releases.second });
      await settled(deploymentId);
      expect(await harness.countOutside(SERVICE)).toBe(0);
      const raised = await harness.workloads.update(SERVICE, { desiredCount: 1 });
      const status = await settled(raised.deploymentId);
      expect(status.instances.map((one) => one.release)).toEqual([harness.releases.second]);
      await settled((await harness.workloads.update(SERVICE, { release: harness.releases.first })).deploymentId);
    });

    it("changes nothing when the same update comes again", async () => {
      const before = await harness.workloads.describe(SERVICE);
      const again = await harness.workloads.update(SERVICE, { release: harness.releases.first, desiredCount: 1 });
      expect(again.deploymentId).toBe(before.deployments[0]?.id);
      const after = await settled(again.deploymentId);
      expect(after.instances.map((one) => one.id)).toEqual(before.instances.map((one) => one.id));
    });

    it("tells that a release fails, with a reason, and mends with the next one", async () => {
      const broken = await harness.workloads.update(SERVICE, { release: harness.releases.broken });
      const failure = await settled(broken.deploymentId).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DeploymentFailed);
      expect((failure as DeploymentFailed).details["reason"]).not.toBe("");
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

    it("leaves other services alone", async () => {
      const status = await harness.workloads.describe("reader");
      expect(status).toMatchObject({ release: harness.releases.first, desiredCount: 1, runningCount: 1 });
      expect(status.instances[0]?.restarts).toBe(0);
    });

    it("refuses what it does not know, and changes nothing", async () => {
      const before = await harness.workloads.describe(SERVICE);
      await expect(harness.workloads.describe("nobody")).rejects.toBeInstanceOf(UnknownService);
      await expect(harness.workloads.describe("../etc")).rejects.toBeInstanceOf(UnknownService);
      await expect(harness.workloads.update("nobody", { desiredCount: 1 })).rejects.toBeInstanceOf(UnknownService);
      await expect(harness.workloads.update(SERVICE, { desiredCount: -1 })).rejects.toBeInstanceOf(UpdateInvalid);
      await expect(harness.workloads.update(SERVICE, { desiredCount: 1.5 })).rejects.toBeInstanceOf(UpdateInvalid);
      await expect(harness.workloads.update(SERVICE, { release: "no-such" })).rejects.toBeInstanceOf(ReleaseNotFound);
      expect((await harness.workloads.describe(SERVICE)).deployments).toEqual(before.deployments);
    });
  });
}
