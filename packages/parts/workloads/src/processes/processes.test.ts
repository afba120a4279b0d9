// Identities, claims and updates, without a supervisor.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, waitUntil } from "@tidegate/kernel";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ServiceNotInRelease, StateUnreadable, UnknownService } from "../errors.ts";
import { claimFolder, livingHolders } from "./claim.ts";
import { createProcessWorkloads } from "./create-process-workloads.ts";
import { bootId, identityOf, isAlive, parseProcessStat, signalProcess } from "./process-identity.ts";
import { desiredFile, readDesired, supervisorLock } from "./state-files.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "tidegate-processes-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const me = () => {
  const identity = identityOf(process.pid);
  if (identity === undefined) throw new Error("no identity");
  return identity;
};

describe("the identity of a process", () => {
  it("reads /proc/<pid>/stat, whatever the program calls itself", () => {
    const rest = "1 42 7 0 -1 4194304 1 0 0 0 5 6 0 0 20 0 1 0 987654 1000 10";
    expect(parseProcessStat(`42 (node) S ${rest}`)).toEqual({
      pid: 42,
      state: "S",
      processGroup: 42,
      startTime: "987654",
    });
    expect(parseProcessStat(`42 (a) Z (b) 9) R ${rest}`)).toMatchObject({ state: "R", startTime: "987654" });
    expect(parseProcessStat("nonsense")).toBeUndefined();
  });

  it("is alive for this process, and not with another start time or of another boot", () => {
    expect(isAlive(me())).toBe(true);
    expect(isAlive({ ...me(), startTime: "1" })).toBe(false);
    expect(isAlive({ ...me(), bootId: "another" })).toBe(false);
    expect(signalProcess({ ...me(), startTime: "1" }, "SIGKILL")).toBe(false);
  });

  it("counts a zombie as dead", async () => {
    // The short sleep ends and is never waited for, because exec put another program in the shell's place.
    const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 30"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      const [bytes] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(bytes.toString());
      const seen = identityOf(pid);
      if (seen === undefined) throw new Error("the child is not there");
      await waitUntil(() => (isAlive(seen) ? undefined : true), { what: "Its end", limitMs: 3_000, remedy: "-" });
      expect(identityOf(pid)).toEqual(seen);
      expect(seen.bootId).toBe(bootId());
    } finally {
      parent.kill("SIGKILL");
      await once(parent, "exit");
    }
  });
});

describe("a claim", () => {
  const limits = { limitMs: 0, clock: systemClock };

  it("is held by one, refused to others by the holder's pid, and free again when released", async () => {
    const first = await claimFolder(join(dir, "lock"), limits);
    const second = await claimFolder(join(dir, "lock"), limits);
    expect(first.isHeld).toBe(true);
    expect(second).toEqual({ isHeld: false, holder: me() });
    if (first.isHeld) first.release();
    expect(livingHolders(join(dir, "lock"))).toEqual([]);
    expect((await claimFolder(join(dir, "lock"), limits)).isHeld).toBe(true);
  });

  it("of a dead process, of a reused pid or of another boot holds nothing and is swept away", async () => {
    const lock = join(dir, "lock");
    mkdirSync(lock);
    writeFileSync(join(lock, `4000000.1.${bootId()}.a`), "");
    writeFileSync(join(lock, `${process.pid}.1.${bootId()}.b`), "");
    writeFileSync(join(lock, `${process.pid}.${me().startTime}.another-boot.c`), "");
    const claim = await claimFolder(lock, limits);
    expect(claim.isHeld).toBe(true);
    expect(readdirSync(lock)).toHaveLength(1);
  });

  it("never has two holders, and lets everybody have a turn", async () => {
    let holders = 0;
    let most = 0;
    const turns = Array.from({ length: 20 }, async () => {
      const claim = await claimFolder(join(dir, "lock"), { limitMs: 5_000, clock: systemClock });
      if (!claim.isHeld) throw new Error("no turn");
      most = Math.max(most, ++holders);
      await systemClock.sleep(1);
      holders--;
      claim.release();
    });
    await Promise.all(turns);
    expect(most).toBe(1);
  });
});

describe("updates", () => {
  const open = () => createProcessWorkloads({ stateDir: join(dir, "state"), releasesDir: join(dir, "releases") });
  const release = (tag: string, services: Record<string, unknown>) => {
    mkdirSync(join(dir, "releases", tag), { recursive: true });
    writeFileSync(join(dir, "releases", tag, "release.json"), JSON.stringify({ tag, services }));
  };

  it("are recorded without a supervisor, and say that nothing happens yet", async () => {
    release("v1", { api: { command: ["true"] } });
    const workloads = open();
    const created = await workloads.ensure("api", { release: "v1", desiredCount: 2, tags: { a: "1" } });
    expect(created).toMatchObject({ isNew: true, isBeingApplied: false });
    const status = await workloads.describe("api");
    expect(status).toMatchObject({
      desiredCount: 2,
      runningCount: 0,
      pendingCount: 0,
      tags: { a: "1" },
      controller: { alive: false },
    });
    expect(status.deployments).toEqual([
      {
        id: created.deploymentId,
        release: "v1",
        revision: status.revision.id,
        state: "in-progress",
        desiredCount: 2,
        runningCount: 0,
        pendingCount: 0,
      },
    ]);
    expect(await workloads.list()).toEqual(["api"]);
  });

  it("ensure leaves a service that is there as it is", async () => {
    release("v1", { api: { command: ["true"] } });
    const workloads = open();
    await workloads.ensure("api", { release: "v1", desiredCount: 2 });
    await workloads.update("api", { desiredCount: 0 });
    expect(await workloads.ensure("api", { release: "v1", desiredCount: 2 })).toMatchObject({ isNew: false });
    expect((await workloads.describe("api")).desiredCount).toBe(0);
  });

  it("begin a new deployment when the same release says something else about the service", async () => {
    release("v1", { api: { command: ["true"] }, other: { command: ["true"] } });
    const workloads = open();
    const first = await workloads.ensure("api", { release: "v1", desiredCount: 1 });
    release("v1", { api: { command: ["true"] }, other: { command: ["false"] } });
    expect((await workloads.update("api", { release: "v1" })).deploymentId).toBe(first.deploymentId);
    release("v1", { api: { command: ["false"] } });
    expect((await workloads.update("api", { release: "v1" })).deploymentId).not.toBe(first.deploymentId);
  });

  it("bump the revision for what the supervisor must do, not for tags", async () => {
    release("v1", { api: { command: ["true"] } });
    const workloads = open();
    const revision = () => readDesired(join(dir, "state"), "api")?.revision;
    await workloads.ensure("api", { release: "v1", desiredCount: 1 });
    await workloads.update("api", { tags: { a: "1" } });
    expect(revision()).toBe(1);
    await workloads.update("api", { desiredCount: 3 });
    expect(revision()).toBe(2);
  });

  it("count as one pending instance until the supervisor has read them: it may be starting one just now", async () => {
    release("v1", { api: { command: ["true"] } });
    const workloads = open();
    await workloads.ensure("api", { release: "v1", desiredCount: 1 });
    const supervisor = await claimFolder(supervisorLock(join(dir, "state")), { limitMs: 0, clock: systemClock });
    expect(await workloads.update("api", { desiredCount: 0 })).toMatchObject({ isBeingApplied: true });
    expect(await workloads.describe("api")).toMatchObject({ runningCount: 0, pendingCount: 1 });
    if (supervisor.isHeld) supervisor.release();
    expect(await workloads.describe("api")).toMatchObject({ runningCount: 0, pendingCount: 0 });
  });

  it("refuse services that are not there and files that are not ours", async () => {
    release("v1", { api: { command: ["true"] } });
    const workloads = open();
    await expect(workloads.ensure("nobody", { release: "v1", desiredCount: 1 })).rejects.toBeInstanceOf(
      ServiceNotInRelease,
    );
    await expect(workloads.update("api", { desiredCount: 1 })).rejects.toBeInstanceOf(UnknownService);
    expect(await workloads.list()).toEqual([]);
    await workloads.ensure("api", { release: "v1", desiredCount: 1 });
    writeFileSync(desiredFile(join(dir, "state"), "api"), '{"version":2}');
    await expect(workloads.describe("api")).rejects.toBeInstanceOf(StateUnreadable);
  });
});
