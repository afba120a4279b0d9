// `upgrade` on the example fleet under continuous traffic: what goes wrong ends in the promised state, what goes right loses no write, and never two versions write.
import { FLEET_MIGRATIONS } from "@tidegate/fleet-example";
import { kafkaOff } from "@tidegate/kafka";
import { redisOff } from "@tidegate/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFleet, WRITERS, type FleetUnderTest } from "../fleet/open-fleet.ts";

const LIMITS = "limits: { rolloutMs: 15000, startMs: 15000, approvalMs: 600000 }";

describe.skipIf(kafkaOff() !== undefined || redisOff() !== undefined)(
  "upgrading the example fleet (needs Java 17, Maven and Redis)",
  () => {
    let fleet: FleetUnderTest;
    beforeAll(async () => {
      fleet = await openFleet({ fleet: LIMITS });
      fleet.writeRelease("half", { release: 2, migrationsDir: FLEET_MIGRATIONS.failsHalfway });
      fleet.writeRelease("crash", { release: 1, fault: { kind: "crash-at-start", services: ["vulcan", "ender"] } });
      fleet.writeRelease("ill", { release: 1, fault: { kind: "never-healthy", services: ["socks"] } });
    });
    afterAll(async () => fleet.close());

    const releases = async (): Promise<Record<string, string>> => {
      const all = await fleet.workloads.describeAll(["comlink", "ender", "roundtable", "socks", "vulcan"]);
      return Object.fromEntries([...all].map(([name, one]) => [name, one.release]));
    };
    const allOn = (release: string): Record<string, string> =>
      Object.fromEntries(["comlink", "ender", "roundtable", "socks", "vulcan"].map((name) => [name, release]));
    const writers = async (): Promise<unknown[]> =>
      Promise.all(
        WRITERS.map(async (name) => {
          const { desiredCount, runningCount } = await fleet.workloads.describe(name);
          return [name, desiredCount, runningCount];
        }),
      );
    const RUNNING = WRITERS.map((name) => [name, 1, 1]);
    const STOPPED = WRITERS.map((name) => [name, 0, 0]);

    it("refuses a release that is not there, before anything is touched, and names what is missing", async () => {
      const { status, body } = await fleet.plan({ upgrade_tag: "v9" });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(body)).toMatch(/the image of Bazooka.*the image of comlink.*the image of vulcan/s);
      expect(await writers()).toEqual(RUNNING);
    });

    it("shows digests, migrations and the pause before anything is touched", async () => {
      const { body } = await fleet.plan({ upgrade_tag: "v2" });
      const text = JSON.stringify(body.draft);
      expect(body.draft.steps.map((step: { name: string }) => step.name).slice(0, 3)).toEqual([
        "update-bazooka",
        "stop-writers",
        "migrate",
      ]);
      expect(text).toMatch(/release:v1@sha256:[0-9a-f]{12} → release:v2@sha256:[0-9a-f]{12}/);
      expect(text).toContain("Writers pause while they end, the database is migrated, and they start");
      expect(await writers()).toEqual(RUNNING);
    });

    it("a migration that fails in the middle: nothing of it stays, the writers run again on their release", async () => {
      const run = await fleet.ended(await fleet.upgrade({ upgrade_tag: "half" }));
      expect(run).toMatchObject({ state: "failed", error: { code: "auxo.upgrade-failed" } });
      expect(run.error?.message).toMatch(
        /failed while migrating the database: .*The writers run again: ender at 1, roundtable at 1\./s,
      );
      expect(run.error?.remedy).toContain("start the upgrade anew");
      expect(await writers()).toEqual(RUNNING);
      expect(await releases()).toEqual(allOn("v1"));
    });

    it("hold: the writers stay down until a person answers, also when the operator is killed meanwhile", async () => {
      const runId = await fleet.upgrade({ upgrade_tag: "half", onFailedMigration: "hold" });
      await fleet.reached(runId, "start-writers-approval", "waiting");
      expect(await writers()).toEqual(STOPPED);
      await fleet.operator().kill();
      await fleet.replaceOperator();
      await fleet.reached(runId, "start-writers-approval", "waiting");
      expect(await writers()).toEqual(STOPPED);
      expect((await fleet.steer(runId, "approve", { approved: true })).status).toBe(200);
      const run = await fleet.ended(runId);
      expect(run).toMatchObject({ state: "failed", error: { code: "auxo.upgrade-failed" } });
      expect(await writers()).toEqual(RUNNING);
    });

    it("held writers that nobody released are started by the next upgrade, at their recorded counts", async () => {
      const runId = await fleet.upgrade({ upgrade_tag: "half", onFailedMigration: "hold" });
      await fleet.reached(runId, "start-writers-approval", "waiting");
      await fleet.steer(runId, "approve", { approved: false, comment: "wait for Monday" });
      const held = await fleet.ended(runId);
      expect(held).toMatchObject({ state: "failed", error: { code: "auxo.writers-down" } });
      expect(held.error?.message).toContain("ender and roundtable are held down, as was asked for");
      expect(await writers()).toEqual(STOPPED);
      const next = await fleet.ended(await fleet.upgrade({ upgrade_tag: "v1" }));
      expect(next, JSON.stringify(next.error)).toMatchObject({ state: "succeeded" });
      expect(await writers()).toEqual(RUNNING);
    });

    it("a migration that waits for a lock ends by itself, names what it waited for, and the writers run again", async () => {
      const blocker = await fleet.pool.connect();
      try {
        await blocker.query("BEGIN; LOCK TABLE ticks IN ACCESS SHARE MODE");
        const run = await fleet.ended(await fleet.upgrade({ upgrade_tag: "v2" }));
        expect(run).toMatchObject({ state: "failed", error: { code: "auxo.upgrade-failed" } });
        expect(run.error?.message).toMatch(/lock/);
        expect(await writers()).toEqual(RUNNING);
        expect(await releases()).toEqual(allOn("v1"));
      } finally {
        await blocker.query("ROLLBACK");
        blocker.release();
      }
    });

    it("cancelled in the middle: the writers run again, and a second upgrade meanwhile is refused by the lock", async () => {
      const blocker = await fleet.pool.connect();
      try {
        await blocker.query("BEGIN; LOCK TABLE ticks IN ACCESS SHARE MODE");
        const runId = await fleet.upgrade({ upgrade_tag: "v2" });
        await fleet.reached(runId, "migrate", "running");
        await expect(fleet.upgrade({ upgrade_tag: "v2" })).rejects.toThrow(/fleet:test/);
        await fleet.steer(runId, "cancel", { reason: "it is Friday" });
        expect(await fleet.ended(runId)).toMatchObject({ state: "cancelled" });
        expect((await fleet.workloads.describe("ender")).desiredCount).toBe(1);
        expect(await releases()).toEqual(allOn("v1"));
      } finally {
        await blocker.query("ROLLBACK");
        blocker.release();
      }
    });

    it("a release that crashes at its start is rolled back, where that was asked for", async () => {
      const run = await fleet.ended(await fleet.upgrade({ upgrade_tag: "crash", rollback: "on-failure" }));
      expect(run).toMatchObject({ state: "failed", error: { code: "auxo.upgrade-failed" } });
      expect(run.error?.message).toMatch(/vulcan: .*It was rolled back/s);
      expect(await releases()).toEqual(allOn("v1"));
      expect(await writers()).toEqual(RUNNING);
    });

    it("a release that never turns healthy stays, by default, and says so; the writers run", async () => {
      const run = await fleet.ended(await fleet.upgrade({ upgrade_tag: "ill" }));
      expect(run).toMatchObject({ state: "failed", error: { code: "auxo.upgrade-failed" } });
      expect(run.error?.message).toMatch(/socks: .*It was not rolled back/s);
      expect(await releases()).toEqual(allOn("ill"));
      expect(await writers()).toEqual(RUNNING);
    });

    it("moves five services to the next release under traffic, and nothing that was accepted is lost", async () => {
      const run = await fleet.ended(await fleet.upgrade({ upgrade_tag: "v2" }));
      expect(run, JSON.stringify(run.error)).toMatchObject({ state: "succeeded", result: { tag: "v2" } });
      expect(await releases()).toEqual(allOn("v2"));
      const { writerPauseMs, parts } = run.result;
      expect(writerPauseMs).toBeGreaterThanOrEqual(parts.drainMs + parts.startMs);
      const again = await fleet.plan({ upgrade_tag: "v2" });
      expect(again.body).toMatchObject({ hasChanges: false, draft: { summary: "test is at v2 already." } });

      const comparison = await fleet.compare();
      expect(comparison.findings).toEqual([]);
      expect(comparison.events.accepted).toBeGreaterThan(1_000);
      // Each began when nothing of the one before wrote any more; of "crash" roundtable wrote, until it was rolled back.
      expect(comparison.versions.map((one) => one.version)).toEqual(["v1", "crash", "v1", "ill", "v2"]);
      // By the rows' own times: no old writer wrote after the drain, no new one before the migration had ended.
      const endOf = (step: string): bigint =>
        BigInt(Date.parse(run.steps.find(({ name }) => name === step)?.endedAt ?? "")) * 1_000n;
      const [before, after] = comparison.versions.slice(-2);
      expect(before?.lastAt).toBeLessThanOrEqual(endOf("drain-writers"));
      expect(after?.firstAt).toBeGreaterThanOrEqual(endOf("migrate"));
    });
  },
);
