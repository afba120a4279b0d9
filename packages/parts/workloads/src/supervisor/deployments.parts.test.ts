// Real processes that crash, never turn healthy, will not end, or are replaced one by one.
import { createServer } from "node:http";
import { once } from "node:events";
import { waitUntil } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { BREAKABLE, CRASHER, IDLER, NEVER_HEALTHY, SERVER, STUBBORN } from "../testing/sample-programs.ts";
import { freePorts, installationOfThisTest, SHORT } from "../testing/temporary-installation.ts";
import { waitForDeployment, waitForDrained } from "../wait-for-deployment.ts";
import { stopAll } from "./stop-all.ts";

const isWell = (count: number) => (status: { runningCount: number; pendingCount: number }) =>
  status.runningCount === count && status.pendingCount === 0;

it("backs off from a crash loop, shows it, and calls the deployment failed after five failures", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { crasher: { program: CRASHER } });
  await installation.workloads.ensure("crasher", { release: "one", desiredCount: 1 });
  // On a busy machine it takes a while to start only to end: so long, being alive must not count as being well.
  const supervisor = await installation.supervise({ timing: { ...SHORT, aliveIsHealthyMs: 3_000 } });
  const status = await installation.until("crasher", "failed", (s) => s.deployments[0]?.state === "failed");
  expect(status.deployments[0]?.reason).toContain("failed 5 times in a row");
  expect(status.deployments[0]?.reason).toContain("exit code 64");
  expect(status.instances[0]).toMatchObject({
    state: "backing-off",
    restarts: 4,
    lastExit: { code: 64, signal: null },
    lastLines: expect.arrayContaining(["cannot go on: no configuration"]),
  });
  const pauses = supervisor.events.flatMap((event) => (event.code === "instance.backing-off" ? [event.waitMs] : []));
  expect(pauses.slice(0, 5)).toEqual([50, 100, 200, 400, 400]);
  // It is still tried, and mends when its cause goes away: here, by a release that works.
  await installation.until("crasher", "tried again", (s) => (s.instances[0]?.restarts ?? 0) >= 5);
  installation.release("two", { crasher: { program: IDLER } });
  const { deploymentId } = await installation.workloads.update("crasher", { release: "two" });
  await waitForDeployment(installation.workloads, { service: "crasher", deploymentId, limitMs: 10_000 });
});

it("restarts what is not healthy in time and calls the deployment failed", async () => {
  const installation = installationOfThisTest();
  const port = await freePorts();
  const health = { path: "/", startLimitMs: 150, everyMs: 50 };
  installation.release("one", { sick: { program: NEVER_HEALTHY, port, health } });
  await installation.workloads.ensure("sick", { release: "one", desiredCount: 1 });
  await installation.supervise();
  const status = await installation.until("sick", "failed", (s) => s.deployments[0]?.state === "failed");
  expect(status.deployments[0]?.reason).toMatch(/was not healthy within 150 ms/);
  expect(status.runningCount).toBe(0);
});

it("restarts an instance that turns unhealthy", async () => {
  const installation = installationOfThisTest();
  const port = await freePorts();
  const health = { path: "/", everyMs: 50, failuresToUnhealthy: 2 };
  installation.release("one", { breakable: { program: BREAKABLE, port, health } });
  await installation.workloads.ensure("breakable", { release: "one", desiredCount: 1 });
  const supervisor = await installation.supervise();
  const before = await installation.until("breakable", "running", isWell(1));
  await fetch(`http://127.0.0.1:${port}/break`);
  const after = await installation.until(
    "breakable",
    "restarted",
    (s) => s.instances[0]?.restarts === 1 && isWell(1)(s),
  );
  expect(after.instances[0]?.pid).not.toBe(before.instances[0]?.pid);
  const told = supervisor.events.find((event) => event.code === "instance.unhealthy");
  expect(told).toMatchObject({ reason: expect.stringMatching(/failed 2 health checks: .* answered 503/) });
});

it("kills what does not drain within its limit, and counts it until it is gone", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { stubborn: { program: STUBBORN, drainLimitMs: 600 } });
  await installation.workloads.ensure("stubborn", { release: "one", desiredCount: 1 });
  const supervisor = await installation.supervise();
  await installation.until("stubborn", "running", isWell(1));
  await installation.workloads.update("stubborn", { desiredCount: 0 });
  const counts: Array<[counted: number, living: number]> = [];
  await waitForDrained(installation.workloads, {
    service: "stubborn",
    limitMs: 10_000,
    everyMs: 20,
    // Counted before looked for: a count of zero must never come while a process still lives.
    onStatus: (status) => counts.push([status.runningCount + status.pendingCount, installation.living().length]),
  });
  expect(counts.filter(([counted, living]) => counted === 0 && living > 0)).toEqual([]);
  expect(installation.living()).toHaveLength(0);
  // The status of none is written before the end is told.
  const stopped = await waitUntil(() => supervisor.events.find((event) => event.code === "instance.stopped"), {
    what: "The end of the instance being told",
    limitMs: 10_000,
    remedy: "",
  });
  expect(supervisor.events.map((event) => event.code)).toContain("instance.killed");
  expect(stopped).toMatchObject({ exit: { signal: "SIGKILL" }, reason: "scaled-down" });
});

it("replaces instance by instance: never fewer than all but one", async () => {
  const installation = installationOfThisTest();
  const port = await freePorts(3);
  const server = { program: SERVER, port, health: { path: "/", everyMs: 100 } };
  installation.release("one", { server: { ...server, env: { GREETING: "one" } } });
  installation.release("two", { server: { ...server, env: { GREETING: "two" } } });
  await installation.workloads.ensure("server", { release: "one", desiredCount: 3 });
  const supervisor = await installation.supervise();
  await installation.until("server", "running", isWell(3));
  const { deploymentId } = await installation.workloads.update("server", { release: "two" });
  const status = await waitForDeployment(installation.workloads, {
    service: "server",
    deploymentId,
    limitMs: 20_000,
    everyMs: 20,
    onStatus: (seen) => {
      const well = seen.instances.filter((one) => one.state === "running").length;
      expect(well).toBeGreaterThanOrEqual(2);
    },
  });
  expect(status.instances.map((one) => one.release)).toEqual(["two", "two", "two"]);
  const order = supervisor.events.flatMap((event) =>
    "release" in event && "index" in event && (event.release === "two" || event.code === "instance.stopped")
      ? [`${event.code} ${event.index}`]
      : [],
  );
  expect(order).toEqual(
    [0, 1, 2].flatMap((index) => [
      `instance.stopped ${index}`,
      `instance.started ${index}`,
      `instance.healthy ${index}`,
    ]),
  );
  const answers = await Promise.all([0, 1, 2].map(async (i) => (await fetch(`http://127.0.0.1:${port + i}/`)).text()));
  for (const answer of answers) expect(answer).toMatch(/ two$/);
});

it("keeps the instances of the old release when the first of the new one fails", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { worker: { program: IDLER } });
  installation.release("two", { worker: { program: CRASHER } });
  await installation.workloads.ensure("worker", { release: "one", desiredCount: 3 });
  await installation.supervise({ timing: { ...SHORT, aliveIsHealthyMs: 3_000 } });
  const before = await installation.until("worker", "running", isWell(3));
  const broken = await installation.workloads.update("worker", { release: "two" });
  const failed = await installation.until("worker", "failed", (s) => s.deployments[0]?.state === "failed");
  expect(failed.instances.map((one) => one.release)).toEqual(["two", "one", "one"]);
  expect(failed.deployments.map((one) => [one.id, one.release, one.runningCount])).toEqual([
    [broken.deploymentId, "two", 0],
    [before.deployments[0]?.id, "one", 2],
  ]);
  const back = await installation.workloads.update("worker", { release: "one" });
  const after = await waitForDeployment(installation.workloads, {
    service: "worker",
    deploymentId: back.deploymentId,
    limitMs: 10_000,
  });
  expect(after.instances.slice(1).map((one) => one.pid)).toEqual(before.instances.slice(1).map((one) => one.pid));
  expect(after.deployments).toHaveLength(1);
});

it("says that a port is taken instead of asking the wrong program for its health", async () => {
  const installation = installationOfThisTest();
  const port = await freePorts();
  const squatter = createServer((_, response) => response.end("well")).listen(port, "127.0.0.1");
  await once(squatter, "listening");
  installation.release("one", { server: { program: SERVER, port, health: { path: "/" } } });
  await installation.workloads.ensure("server", { release: "one", desiredCount: 1 });
  await installation.supervise();
  const status = await installation.until("server", "failed", (s) => s.deployments[0]?.state === "failed");
  expect(status.deployments[0]?.reason).toContain(`another program already listens on port ${port}`);
  expect(status.runningCount).toBe(0);
  squatter.close();
  await once(squatter, "close");
  const mended = await installation.until("server", "running", isWell(1));
  expect(mended.deployments[0]?.state).toBe("completed");
});

it("says which program is not there", async () => {
  const installation = installationOfThisTest();
  installation.release("one", { ghost: { program: "", command: ["./no-such-program"] } });
  await installation.workloads.ensure("ghost", { release: "one", desiredCount: 1 });
  await installation.supervise();
  const status = await installation.until("ghost", "failed", (s) => s.deployments[0]?.state === "failed");
  expect(status.deployments[0]?.reason).toContain("spawn ./no-such-program ENOENT");
});

it("starts in order, and stops in the reverse of it, with and without a supervisor", async () => {
  const installation = installationOfThisTest();
  const port = await freePorts();
  installation.release("one", {
    api: { program: IDLER, startAfter: ["indexer"] },
    indexer: { program: IDLER, startAfter: ["store"] },
    store: { program: SERVER, port, health: { path: "/" } },
  });
  for (const name of ["api", "indexer", "store"])
    await installation.workloads.ensure(name, { release: "one", desiredCount: 1 });
  const first = await installation.supervise();
  const waiting = await installation.until("api", "waiting", (s) => s.instances[0]?.state === "waiting");
  expect(waiting.instances[0]?.reason).toBe("it waits for indexer to be healthy");
  await installation.until("api", "running", (s) => isWell(1)(s) && s.instances[0]?.reason === undefined);
  const told = (code: string, events: readonly { code: string }[]) =>
    events.flatMap((event) => (event.code === code && "service" in event ? [event.service] : []));
  expect(told("instance.started", first.events)).toEqual(["store", "indexer", "api"]);
  await first.stop();
  expect(told("instance.stopped", first.events)).toEqual(["api", "indexer", "store"]);
  expect(installation.living()).toHaveLength(0);

  const second = await installation.supervise();
  await installation.until("api", "running", isWell(1));
  await second.kill();
  expect(installation.living()).toHaveLength(3);
  const events: Array<{ code: string }> = [];
  await stopAll({ stateDir: installation.stateDir, onEvent: (event) => events.push(event) });
  expect(told("instance.stopped", events)).toEqual(["api", "indexer", "store"]);
  expect(installation.living()).toHaveLength(0);
});

it("ends a stop at its limit, whatever does not want to end", async () => {
  const installation = installationOfThisTest();
  installation.release("one", {
    stubborn: { program: STUBBORN, drainLimitMs: 60_000 },
    below: { program: STUBBORN, drainLimitMs: 60_000 },
  });
  for (const name of ["stubborn", "below"])
    await installation.workloads.ensure(name, { release: "one", desiredCount: 1 });
  const supervisor = await installation.supervise();
  for (const name of ["stubborn", "below"]) await installation.until(name, "running", isWell(1));
  await supervisor.kill();
  await stopAll({ stateDir: installation.stateDir, timing: { stopLimitMs: 300 } });
  expect(installation.living()).toHaveLength(0);
});
