// Kills from outside: of instances, of the supervisor, of both. What should run runs again, once, and what lives is kept.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync, renameSync } from "node:fs";
import { EXIT, seededRandom, waitUntil } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { SupervisorRunning } from "../errors.ts";
import { identityOf, isAlive, signalProcess } from "../processes/process-identity.ts";
import { MARK_NAME, markValue, stateDirDigest } from "../processes/marked-processes.ts";
import { desiredFile, observedFile, readObserved } from "../processes/state-files.ts";
import { IDLER, PARENT, SERVER } from "../testing/sample-programs.ts";
import { installationOfThisTest, freePorts, SHORT } from "../testing/temporary-installation.ts";
import { createSupervisor } from "./create-supervisor.ts";
import { stopAll } from "./stop-all.ts";

const isWell = (count: number) => (status: { runningCount: number; pendingCount: number }) =>
  status.runningCount === count && status.pendingCount === 0;

it("restarts an instance that was killed, and says how it ended", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { idler: { program: IDLER } });
  await installation.workloads.ensure("idler", { release: "one", desiredCount: 1 });
  await installation.supervise();
  const before = await installation.until("idler", "running", isWell(1));
  process.kill(Number(before.instances[0]?.pid), "SIGKILL");
  const after = await installation.until("idler", "restarted", (s) => s.instances[0]?.restarts === 1 && isWell(1)(s));
  expect(after.instances[0]?.pid).not.toBe(before.instances[0]?.pid);
  expect(after.instances[0]?.lastExit).toMatchObject({ code: null, signal: "SIGKILL" });
  expect(installation.living()).toHaveLength(1);
});

it("keeps instances through the supervisor's death, and the next one adopts them without a restart", async () => {
  const installation = installationOfThisTest();
  const port = await freePorts(2);
  installation.release("one", { server: { program: SERVER, port, health: { path: "/" } } });
  await installation.workloads.ensure("server", { release: "one", desiredCount: 2 });
  const first = await installation.supervise();
  const before = await installation.until("server", "running", isWell(2));
  await first.kill();

  const alone = await installation.workloads.describe("server");
  expect(alone.controller.alive).toBe(false);
  expect(alone).toMatchObject({ runningCount: 2, pendingCount: 0 });
  const recorded = await installation.workloads.update("server", { tags: { seen: "yes" } });
  expect(recorded).toMatchObject({ isBeingApplied: false });
  expect(recorded.note).toContain("No supervisor is alive");

  const second = await installation.supervise();
  const after = await installation.until("server", "adopted", (s) => s.controller.alive && isWell(2)(s));
  expect(after.instances.map((one) => [one.id, one.pid, one.restarts])).toEqual(
    before.instances.map((one) => [one.id, one.pid, one.restarts]),
  );
  // What it tells comes through a pipe, a moment after what it does.
  const adopted = () => second.events.filter((event) => event.code === "instance.adopted").length;
  await waitUntil(() => (adopted() === 2 ? true : undefined), { what: "Two words", limitMs: 5_000, remedy: "-" });
  expect(second.events.filter((event) => event.code === "instance.started")).toHaveLength(0);
});

it("shows an instance that died without a supervisor as exited, and the next supervisor restarts only that one", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { idler: { program: IDLER } });
  await installation.workloads.ensure("idler", { release: "one", desiredCount: 2 });
  const first = await installation.supervise();
  const before = await installation.until("idler", "running", isWell(2));
  await first.kill();
  const victim = identityOf(Number(before.instances[0]?.pid));
  process.kill(Number(before.instances[0]?.pid), "SIGKILL");
  await waitUntil(() => (victim !== undefined && isAlive(victim) ? undefined : true), {
    what: "The end of the instance",
    limitMs: 5_000,
    remedy: "-",
  });
  const alone = await installation.workloads.describe("idler");
  expect(alone.instances.map((one) => one.state)).toEqual(["exited", "running"]);
  expect(alone.runningCount).toBe(1);

  await installation.supervise();
  const after = await installation.until("idler", "complete", isWell(2));
  expect(after.instances[1]?.pid).toBe(before.instances[1]?.pid);
  expect(after.instances[0]?.pid).not.toBe(before.instances[0]?.pid);
});

it("adopts an instance whose supervisor was killed between starting and recording it", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { idler: { program: IDLER } });
  await installation.workloads.ensure("idler", { release: "one", desiredCount: 1 });
  const first = await installation.supervise();
  const before = await installation.until("idler", "running", isWell(1));
  await first.kill();
  // The record as it is between intent and pid: everything but the process.
  const observed = readObserved(installation.stateDir, "idler");
  const [instance] = observed?.instances ?? [];
  const torn = { ...observed, instances: [{ ...instance, process: null, state: "starting" }] };
  writeFileSync(observedFile(installation.stateDir, "idler"), JSON.stringify(torn));
  expect(await installation.workloads.describe("idler")).toMatchObject({ runningCount: 1 });

  await installation.supervise();
  const after = await installation.until("idler", "adopted", (s) => s.controller.alive && isWell(1)(s));
  expect(after.instances[0]?.pid).toBe(before.instances[0]?.pid);
  expect(installation.living()).toHaveLength(1);
});

it("stops what it cannot account for before it starts anything, so that nothing runs twice", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { idler: { program: IDLER } });
  await installation.workloads.ensure("idler", { release: "one", desiredCount: 1 });
  const first = await installation.supervise();
  const before = await installation.until("idler", "running", isWell(1));
  await first.kill();
  writeFileSync(observedFile(installation.stateDir, "idler"), "{ torn");
  const second = await installation.supervise();
  await waitUntil(() => second.events.find((event) => event.code === "instance.healthy"), {
    what: "A healthy instance",
    limitMs: 10_000,
    remedy: "-",
  });
  expect((await installation.workloads.describe("idler")).runningCount).toBe(1);
  expect(installation.living().map((one) => one.identity.pid)).not.toContain(before.instances[0]?.pid);
  expect(installation.living()).toHaveLength(1);
  expect(second.events.map((event) => event.code)).toContain("stray.stopping");
});

it("keeps to the last desired state while the file is torn, says so once, and goes on with the next", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { idler: { program: IDLER } });
  await installation.workloads.ensure("idler", { release: "one", desiredCount: 1 });
  const supervisor = await installation.supervise();
  await installation.until("idler", "running", isWell(1));
  const file = desiredFile(installation.stateDir, "idler");
  const text = readFileSync(file, "utf8");
  // In one go: a supervisor that reads between the emptying and the writing would rightly tell of two troubles.
  writeFileSync(`${file}.torn`, text.slice(0, 40));
  renameSync(`${file}.torn`, file);
  const troubled = () => supervisor.events.filter((event) => event.code === "service.troubled");
  await waitUntil(() => (troubled().length > 0 ? true : undefined), { what: "The word", limitMs: 5_000, remedy: "-" });
  // A killed instance is restarted all the same: a round later than the trouble, in which it is not told again.
  process.kill(Number(installation.living()[0]?.identity.pid), "SIGKILL");
  const started = () => supervisor.events.filter((event) => event.code === "instance.started").length;
  await waitUntil(() => (started() === 2 ? true : undefined), { what: "A restart", limitMs: 5_000, remedy: "-" });
  expect(troubled()).toHaveLength(1);
  writeFileSync(file, text);
  await installation.workloads.update("idler", { desiredCount: 2 });
  await installation.until("idler", "running", isWell(2));
});

it("neither adopts nor signals a process that has got the pid of a former instance", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { idler: { program: IDLER } });
  await installation.workloads.ensure("idler", { release: "one", desiredCount: 1 });
  const first = await installation.supervise();
  const before = await installation.until("idler", "running", isWell(1));
  await first.kill();
  process.kill(Number(before.instances[0]?.pid), "SIGKILL");
  const stranger = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  try {
    // The record names the stranger's pid with the start time of the instance that had it before.
    const text = readFileSync(observedFile(installation.stateDir, "idler"), "utf8");
    const reused = text.replace(`"pid": ${before.instances[0]?.pid}`, `"pid": ${stranger.pid}`);
    expect(reused).not.toBe(text);
    writeFileSync(observedFile(installation.stateDir, "idler"), reused);
    expect((await installation.workloads.describe("idler")).runningCount).toBe(0);
    const second = await installation.supervise();
    await installation.until("idler", "running", isWell(1));
    expect(second.events.filter((event) => event.code === "instance.adopted")).toHaveLength(0);
    await second.stop();
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    expect(isAlive(identityOf(Number(stranger.pid)) ?? { pid: 0, startTime: "", bootId: "" })).toBe(true);
  } finally {
    stranger.kill("SIGKILL");
    await once(stranger, "exit");
  }
});

it("kills what a main process leaves behind before it is started again", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { parent: { program: PARENT } });
  await installation.workloads.ensure("parent", { release: "one", desiredCount: 1 });
  await installation.supervise();
  const before = await installation.until("parent", "running", isWell(1));
  await waitUntil(() => (installation.marked().length === 2 ? true : undefined), {
    what: "The child",
    limitMs: 5_000,
    remedy: "-",
  });
  const orphan = installation.marked().find((one) => !one.isGroupLeader);
  process.kill(Number(before.instances[0]?.pid), "SIGKILL");
  await installation.until("parent", "restarted", (s) => s.instances[0]?.restarts === 1 && isWell(1)(s));
  expect(orphan !== undefined && isAlive(orphan.identity)).toBe(false);
});

it("refuses a second supervisor by name, and lets one take over from a killed one", async () => {
  const installation = installationOfThisTest();
  const first = await installation.supervise();
  const second = await installation.supervise();
  expect(await second.ended).toBe(EXIT.tryAgain);
  expect(second.stderr()).toContain(`process ${first.pid}`);
  await expect(stopAll({ stateDir: installation.stateDir })).rejects.toBeInstanceOf(SupervisorRunning);
  await first.kill();
  const third = await installation.supervise();
  expect(third.events[0]?.code).toBe("supervisor.started");
});

it("lets exactly one of several supervisors win that start at the same time", async () => {
  const installation = installationOfThisTest();
  const rivals = Array.from({ length: 4 }, () => createSupervisor({ stateDir: installation.stateDir, timing: SHORT }));
  const refused: unknown[] = [];
  const runs = rivals.map(async (rival) => rival.run().catch((error: unknown) => void refused.push(error)));
  const processes = await Promise.all([installation.supervise(), installation.supervise()]);
  const winners = processes.filter((one) => one.events.length > 0).length;
  await waitUntil(() => (refused.length === rivals.length - 1 + winners ? true : undefined), {
    what: "The refusal of all but one",
    limitMs: 5_000,
    remedy: "-",
  });
  for (const error of refused) expect(error).toBeInstanceOf(SupervisorRunning);
  expect(winners + rivals.length - refused.length).toBe(1);
  await Promise.all(rivals.map(async (rival) => rival.stop()));
  await Promise.all(runs);
});

it("ends in the desired state, once each, after twenty rounds of seeded kills", async () => {
  const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
  const random = seededRandom(seed);
  const installation = installationOfThisTest();
  installation.release("one", { left: { program: IDLER }, right: { program: IDLER, startAfter: ["left"] } });
  installation.release("two", { left: { program: IDLER }, right: { program: IDLER, startAfter: ["left"] } });
  for (const name of ["left", "right"]) await installation.workloads.ensure(name, { release: "one", desiredCount: 2 });
  let supervisor = await installation.supervise();
  for (let round = 0; round < 20; round++) {
    const victims = installation.living();
    if (random.next() < 0.6 && victims.length > 0) signalProcess(random.pick(victims).identity, "SIGKILL");
    if (random.next() < 0.5)
      await installation.workloads.update(random.pick(["left", "right"]), {
        release: random.pick(["one", "two"]),
        desiredCount: random.integer(0, 3),
      });
    await spin(random.integer(0, 120));
    if (random.next() < 0.5) {
      await supervisor.kill();
      supervisor = await installation.supervise();
    }
    const doubled = Map.groupBy(installation.living(), (one) => `${one.service}/${one.index}`);
    for (const [place, there] of doubled) expect(there, `seed ${seed}, round ${round}, ${place}`).toHaveLength(1);
  }
  const wanted = { left: random.integer(1, 3), right: random.integer(0, 3) };
  for (const [name, desiredCount] of Object.entries(wanted)) {
    await installation.workloads.update(name, { release: "two", desiredCount });
    const status = await installation.until(
      name,
      `seed ${seed}: ${desiredCount} running`,
      (s) => s.deployments[0]?.state === "completed" && isWell(desiredCount)(s),
    );
    expect(status.instances.map((one) => one.release)).toEqual(Array.from({ length: desiredCount }, () => "two"));
    expect(installation.living().filter((one) => one.service === name)).toHaveLength(desiredCount);
  }
});

it("does not take processes of another installation on the same machine", async () => {
  const installation = installationOfThisTest();
  const other = installationOfThisTest();
  const mark = { service: "idler", index: 0, spawnId: "spawn" };
  const foreign = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], {
    stdio: "ignore",
    detached: true,
    env: { ...process.env, [MARK_NAME]: markValue(stateDirDigest(other.stateDir), mark) },
  });
  try {
    await waitUntil(() => (other.marked().length === 1 ? true : undefined), {
      what: "The foreign process",
      limitMs: 5_000,
      remedy: "-",
    });
    await stopAll({ stateDir: installation.stateDir });
    expect(other.marked()).toHaveLength(1);
  } finally {
    foreign.kill("SIGKILL");
    await once(foreign, "exit");
  }
});

/** Passes real time in which the supervisor works, so that kills fall at different moments of it. */
async function spin(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  return promise;
}
