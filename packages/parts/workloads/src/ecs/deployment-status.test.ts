// ECS's answers and what they mean, as tables: what "completed" and "failed" are, and whose rollback it is.
import type { Deployment, Service, Task } from "@aws-sdk/client-ecs";
import { expect, it } from "vitest";
import { deploymentsOf } from "./deployment-status.ts";

const AT = new Date("2026-11-01T12:00:00Z");
const later = (seconds: number): Date => new Date(AT.getTime() + seconds * 1_000);
const revisionOf = (id: string) => ({ id, release: id, image: null });

function deployment(change: Partial<Deployment>): Deployment {
  return {
    id: "ecs-svc/1",
    status: "PRIMARY",
    taskDefinition: "family:1",
    desiredCount: 2,
    runningCount: 2,
    pendingCount: 0,
    failedTasks: 0,
    rolloutState: "COMPLETED",
    createdAt: AT,
    ...change,
  };
}

const withBreaker = { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } };

function newestOf(service: Service, tasks?: readonly Task[]) {
  return deploymentsOf(service, tasks, revisionOf)[0];
}

it.each<[string, Partial<Deployment>, object]>([
  ["completed and full", {}, { state: "completed" }],
  ["completed, and a task was lost since", { runningCount: 1 }, { state: "in-progress" }],
  ["completed at another count", { desiredCount: 3 }, { state: "in-progress" }],
  ["under way", { rolloutState: "IN_PROGRESS" }, { state: "in-progress" }],
  [
    "the circuit breaker's verdict",
    { rolloutState: "FAILED", rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start." },
    { state: "failed", reason: "ECS deployment circuit breaker: tasks failed to start" },
  ],
  ["behind a Classic Load Balancer, full", { rolloutState: undefined }, { state: "completed" }],
  ["behind a Classic Load Balancer, not full", { rolloutState: undefined, pendingCount: 1 }, { state: "in-progress" }],
])("%s", (_, change, expected) => {
  expect(newestOf({ deployments: [deployment(change)] })).toMatchObject(expected);
});

it("counts failed starts itself where there is no circuit breaker", () => {
  const primary = deployment({ rolloutState: "IN_PROGRESS", runningCount: 0, failedTasks: 3 });
  expect(newestOf({ deployments: [primary] })).toMatchObject({
    state: "failed",
    reason: expect.stringContaining("3 of its tasks failed to start"),
  });
  expect(newestOf({ deployments: [primary], ...withBreaker })).toMatchObject({ state: "in-progress" });
});

it("sees tasks that start and end by themselves, which the circuit breaker does not", () => {
  const primary = deployment({ rolloutState: "IN_PROGRESS", runningCount: 1 });
  const exited = (startedBy: string, exitCode: number): Task => ({
    startedBy,
    lastStatus: "STOPPED",
    stopCode: "EssentialContainerExited",
    stoppedReason: "Essential container in task exited",
    containers: [{ name: "ender", exitCode }],
    createdAt: later(exitCode),
  });
  const own = [exited("ecs-svc/1", 1), exited("ecs-svc/1", 3), exited("ecs-svc/1", 2)];
  expect(newestOf({ deployments: [primary], ...withBreaker }, own)).toMatchObject({
    state: "failed",
    reason:
      "3 of its tasks ended by themselves soon after they started; the last one: Essential container in task exited (ender ended with 3). ECS goes on trying",
  });
  const others = own.map((task) => ({ ...task, startedBy: "ecs-svc/0" }));
  expect(newestOf({ deployments: [primary], ...withBreaker }, others)).toMatchObject({ state: "in-progress" });
  const completed = deployment({});
  expect(newestOf({ deployments: [completed], ...withBreaker }, own)).toMatchObject({ state: "completed" });
});

const failure = {
  createdAt: later(60),
  message: "(service s) (deployment ecs-svc/2) deployment failed: tasks failed to start.",
};
const goingBack = { createdAt: later(60), message: "(service s) rolling back to deployment ecs-svc/1." };

it("knows a rollback while it is under way, and after it completed", () => {
  const rollbackOf = { id: "ecs-svc/2", reason: "tasks failed to start" };
  const underWay = deployment({
    id: "ecs-svc/3",
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.",
    createdAt: later(61),
  });
  const given = deployment({ id: "ecs-svc/2", status: "ACTIVE", rolloutState: "FAILED", createdAt: later(1) });
  expect(newestOf({ deployments: [given, underWay], events: [goingBack, failure] })).toMatchObject({ rollbackOf });
  const completed = {
    ...underWay,
    rolloutState: "COMPLETED" as const,
    rolloutStateReason: "ECS deployment completed.",
  };
  const events = [{ createdAt: later(90), message: "(service s) has reached a steady state." }, goingBack, failure];
  expect(newestOf({ deployments: [completed], events })).toMatchObject({ state: "completed", rollbackOf });
});

it("does not take a person's later deployment for a rollback", () => {
  const mended = deployment({ id: "ecs-svc/4", createdAt: later(600) });
  const newest = newestOf({ deployments: [mended], events: [goingBack, failure] });
  expect(newest?.rollbackOf).toBeUndefined();
});

it("puts PRIMARY first and counts what is stopping with what runs", () => {
  const old = deployment({ id: "ecs-svc/0", status: "ACTIVE", runningCount: 0, taskDefinition: "family:0" });
  const stopping: Task = { startedBy: "ecs-svc/0", lastStatus: "STOPPING", desiredStatus: "STOPPED" };
  const gone: Task = { startedBy: "ecs-svc/0", lastStatus: "DEPROVISIONING", desiredStatus: "STOPPED" };
  const all = deploymentsOf({ deployments: [old, deployment({})] }, [stopping, gone], revisionOf);
  expect(all).toMatchObject([
    { id: "ecs-svc/1", runningCount: 2, desiredCount: 2 },
    { id: "ecs-svc/0", runningCount: 1, desiredCount: 0, revision: "family:0" },
  ]);
});
