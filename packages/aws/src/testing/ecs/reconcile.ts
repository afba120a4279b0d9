// The service scheduler: rolling updates between minimum and maximum, COMPLETED when steady, the circuit breaker.
import { hasProcess, startTask, stopTask, type TaskEvents } from "./task-life.ts";
import type { DeploymentState, EcsState, ServiceState, TaskState } from "./state.ts";

/** Brings a service one look nearer to what is desired. */
export function reconcile(state: EcsState, service: ServiceState): void {
  const events: TaskEvents = {
    changed: (changed) => {
      reconcile(state, changed);
    },
    failedToStart: (failed, task) => {
      countFailure(state, failed, task);
    },
  };
  const [primary] = service.deployments;
  if (primary === undefined || service.status !== "ACTIVE") return;
  const wanted = service.tasks.filter((task) => task.desiredStatus === "RUNNING");
  const own = wanted.filter((task) => task.deploymentId === primary.id);
  const others = wanted.filter((task) => task.deploymentId !== primary.id);
  const percent = service.created.deploymentConfiguration;
  const minimum = Math.ceil((service.desiredCount * (percent?.minimumHealthyPercent ?? 100)) / 100);
  const maximum = Math.floor((service.desiredCount * (percent?.maximumPercent ?? 200)) / 100);
  const isFailed = primary.rolloutState === "FAILED";

  const stopped = own.slice(service.desiredCount);
  const runningOwn = own.slice(0, service.desiredCount).filter((task) => task.lastStatus === "RUNNING").length;
  let running = runningOwn + others.filter((task) => task.lastStatus === "RUNNING").length;
  let kept = others.length;
  for (const task of others) {
    if (isFailed || (task.lastStatus === "RUNNING" && running <= minimum)) continue;
    if (task.lastStatus === "RUNNING") running -= 1;
    kept -= 1;
    stopped.push(task);
  }
  for (const task of stopped) stopTask(state, service, task, events);
  const room = Math.max(maximum, 1) - own.length - kept;
  // A deployment in FAILED doesn't launch any new tasks.
  const missing = isFailed ? 0 : Math.min(service.desiredCount - own.length, room);
  const started = Array.from({ length: Math.max(0, missing) }, () => startTask(state, service, primary.id, events));
  if (stopped.length > 0) tell(state, service, `has stopped ${stopped.length} running tasks: ${idsOf(stopped)}.`);
  if (started.length > 0) tell(state, service, `has started ${started.length} tasks: ${idsOf(started)}.`);
  dropFinished(service);
  settle(state, service, primary);
}

/** A replaced deployment is no longer listed once no task of it is running or starting. */
function dropFinished(service: ServiceState): void {
  service.deployments = service.deployments.filter(
    (one, index) =>
      index === 0 || service.tasks.some((task) => task.deploymentId === one.id && task.desiredStatus === "RUNNING"),
  );
}

function settle(state: EcsState, service: ServiceState, primary: DeploymentState): void {
  primary.changes += 1;
  const { changes } = primary;
  if (primary.rolloutState !== "IN_PROGRESS" || !isSteady(service, primary)) return;
  state.timeline.after(state.timing.steadyMs, () => {
    const isStillSo = service.deployments[0] === primary && primary.changes === changes && isSteady(service, primary);
    if (!isStillSo || primary.rolloutState !== "IN_PROGRESS") return;
    primary.rolloutState = "COMPLETED";
    primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
    primary.updatedAt = state.timeline.date();
    service.lastCompleted = { id: primary.id, taskDefinition: primary.taskDefinition };
    tell(state, service, `(deployment ${primary.id}) deployment completed.`);
    tell(state, service, "has reached a steady state.");
  });
}

function isSteady(service: ServiceState, primary: DeploymentState): boolean {
  const wanted = service.tasks.filter((task) => task.desiredStatus === "RUNNING");
  return (
    wanted.length === service.desiredCount &&
    wanted.every((task) => task.deploymentId === primary.id && task.lastStatus === "RUNNING")
  );
}

/** Threshold of the circuit breaker: half the desired count, at least 3, at most 200 (API_DeploymentCircuitBreaker). */
function breakerThreshold(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));
}

function countFailure(state: EcsState, service: ServiceState, task: TaskState): void {
  const deployment = service.deployments.find((one) => one.id === task.deploymentId);
  const breaker = service.created.deploymentConfiguration?.deploymentCircuitBreaker;
  if (deployment !== undefined) {
    deployment.failedTasks += 1;
    deployment.updatedAt = state.timeline.date();
    const isOver = deployment.failedTasks >= breakerThreshold(service.desiredCount);
    if (breaker?.enable === true && isOver && deployment.rolloutState === "IN_PROGRESS")
      failDeployment(state, service, deployment, "tasks failed to start");
  }
  state.timeline.after(state.timing.replaceMs, () => {
    reconcile(state, service);
  });
}

/** The circuit breaker's verdict, and its rollback where that is wanted and something completed before. */
export function failDeployment(
  state: EcsState,
  service: ServiceState,
  deployment: DeploymentState,
  reason: string,
): void {
  deployment.rolloutState = "FAILED";
  deployment.rolloutStateReason = `ECS deployment circuit breaker: ${reason}.`;
  deployment.updatedAt = state.timeline.date();
  tell(state, service, `(deployment ${deployment.id}) deployment failed: ${reason}.`);
  const back = service.lastCompleted;
  const isWanted = service.created.deploymentConfiguration?.deploymentCircuitBreaker?.rollback === true;
  if (!isWanted || back === undefined || service.deployments[0] !== deployment) return;
  tell(state, service, `rolling back to deployment ${back.id}.`);
  const said = `ECS deployment circuit breaker: rolling back to deploymentId ${back.id}.`;
  beginDeployment(state, service, back.taskDefinition, said);
  reconcile(state, service);
}

/** A new PRIMARY; the former one becomes ACTIVE. */
export function beginDeployment(
  state: EcsState,
  service: ServiceState,
  taskDefinition: string,
  said?: string,
): DeploymentState {
  for (const one of service.deployments) one.status = "ACTIVE";
  const id = `ecs-svc/${state.nextId()}`;
  const now = state.timeline.date();
  const deployment: DeploymentState = {
    id,
    taskDefinition,
    createdAt: now,
    updatedAt: now,
    status: "PRIMARY",
    failedTasks: 0,
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: said ?? `ECS deployment ${id} in progress.`,
    changes: 0,
  };
  service.deployments = [deployment, ...service.deployments];
  return deployment;
}

/** How many tasks of a service have a process at this moment. */
export function countProcesses(service: ServiceState): number {
  return service.tasks.filter(hasProcess).length;
}

function idsOf(tasks: readonly TaskState[]): string {
  return tasks.map((task) => `(task ${task.arn.split("/").at(-1) ?? ""})`).join(" ");
}

function tell(state: EcsState, service: ServiceState, message: string): void {
  const event = {
    id: state.nextId(),
    createdAt: state.timeline.date(),
    message: `(service ${service.name}) ${message}`,
  };
  service.events = [event, ...service.events].slice(0, 100);
}
