// A task from PROVISIONING to STOPPED.
import { arnOf, type EcsState, type ServiceState, type TaskState } from "./state.ts";

export interface TaskEvents {
  /** Something about a task changed that the scheduler must look at. */
  readonly changed: (service: ServiceState) => void;
  readonly failedToStart: (service: ServiceState, task: TaskState) => void;
}

/** Starts a task of a deployment. */
export function startTask(state: EcsState, service: ServiceState, deploymentId: string, events: TaskEvents): TaskState {
  const deployment = service.deployments.find((one) => one.id === deploymentId);
  const definition = definitionOf(state, deployment?.taskDefinition ?? "");
  const task: TaskState = {
    arn: arnOf("task", `${service.clusterArn.split("/").at(-1) ?? ""}/${state.nextId()}`),
    definition,
    deploymentId,
    createdAt: state.timeline.date(),
    lastStatus: "PROVISIONING",
    desiredStatus: "RUNNING",
  };
  service.tasks.push(task);
  const image = definition.containerDefinitions?.map((one) => state.behaviourOf(one.image ?? "")) ?? [];
  const behaviour = image.find((one) => one !== "works") ?? "works";
  const { timeline, timing } = state;
  timeline.after(timing.provisioningMs, () => {
    if (task.desiredStatus === "STOPPED") return;
    task.lastStatus = "PENDING";
    timeline.after(timing.pendingMs, () => {
      if (task.desiredStatus === "STOPPED" || behaviour === "hangs") return;
      if (behaviour === "cannot-start") {
        end(state, task, "TaskFailedToStart", "CannotPullContainerError: the image manifest does not exist");
        events.failedToStart(service, task);
        return;
      }
      task.lastStatus = "RUNNING";
      task.startedAt = timeline.date();
      events.changed(service);
      if (behaviour === "exits") timeline.after(timing.exitAfterMs, () => exit(state, service, task, events));
    });
  });
  return task;
}

/** Asks a task to stop: it goes on living while it stops, though ECS no longer counts it as running. */
export function stopTask(state: EcsState, service: ServiceState, task: TaskState, events: TaskEvents): void {
  if (task.desiredStatus === "STOPPED") return;
  const { timeline, timing } = state;
  const wasRunning = task.lastStatus === "RUNNING";
  task.desiredStatus = "STOPPED";
  task.stopCode = "ServiceSchedulerInitiated";
  task.stoppedReason = "Scaling activity initiated by (deployment)";
  task.stoppingAt = timeline.date();
  const deactivatingMs = wasRunning && (service.created.loadBalancers ?? []).length > 0 ? timing.deactivatingMs : 0;
  task.lastStatus = deactivatingMs > 0 ? "DEACTIVATING" : "STOPPING";
  timeline.after(deactivatingMs, () => {
    task.lastStatus = "STOPPING";
  });
  timeline.after(deactivatingMs + (wasRunning ? timing.stoppingMs : 0), () => {
    task.lastStatus = "DEPROVISIONING";
    task.exitCode = 143;
    events.changed(service);
  });
  timeline.after(deactivatingMs + (wasRunning ? timing.stoppingMs : 0) + timing.deprovisioningMs, () => {
    task.lastStatus = "STOPPED";
    task.stoppedAt = timeline.date();
  });
}

function exit(state: EcsState, service: ServiceState, task: TaskState, events: TaskEvents): void {
  if (task.desiredStatus === "STOPPED") return;
  task.exitCode = 1;
  end(state, task, "EssentialContainerExited", "Essential container in task exited");
  state.timeline.after(state.timing.replaceMs, () => events.changed(service));
}

function end(
  state: EcsState,
  task: TaskState,
  stopCode: NonNullable<TaskState["stopCode"]>,
  stoppedReason: string,
): void {
  task.desiredStatus = "STOPPED";
  task.lastStatus = "STOPPED";
  task.stopCode = stopCode;
  task.stoppedReason = stoppedReason;
  task.stoppedAt = state.timeline.date();
}

/** Whether a process of the task exists at this moment. */
export function hasProcess(task: TaskState): boolean {
  return task.lastStatus === "RUNNING" || task.lastStatus === "DEACTIVATING" || isStoppingProcess(task);
}

function isStoppingProcess(task: TaskState): boolean {
  return task.lastStatus === "STOPPING" && task.startedAt !== undefined;
}

/** By ARN. */
function definitionOf(state: EcsState, arn: string) {
  for (const revisions of state.definitions.values()) {
    const found = revisions.find((one) => one.definition.taskDefinitionArn === arn);
    if (found !== undefined) return found.definition;
  }
  throw new Error(`The stand-in has no task definition ${arn}`);
}
