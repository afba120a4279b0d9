// Tasks as instances of the port. A task lives until its containers have stopped, which ECS calls DEPROVISIONING.
import type { Task } from "@aws-sdk/client-ecs";
import type { InstanceHealth, InstanceState, InstanceStatus } from "../port.ts";

/** Undefined once no process of the task is left. */
function stateOf(task: Task): InstanceState | undefined {
  switch (task.lastStatus ?? "PROVISIONING") {
    case "DEPROVISIONING":
    case "STOPPED":
    case "DELETED":
      return undefined;
    case "DEACTIVATING":
    case "STOPPING":
      return "stopping";
    case "RUNNING":
      return task.desiredStatus === "STOPPED" ? "stopping" : "running";
    default:
      return task.desiredStatus === "STOPPED" ? "stopping" : "starting";
  }
}

/** The oldest first. */
export function instancesOf(tasks: readonly Task[], releaseOf: (arn: string) => string): InstanceStatus[] {
  const byAge = [...tasks].sort((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0));
  return byAge
    .flatMap((task) => {
      const state = stateOf(task);
      return state === undefined ? [] : [{ task, state }];
    })
    .map(({ task, state }, index) => ({
      id: task.taskArn ?? "",
      index,
      release: releaseOf(task.taskDefinitionArn ?? ""),
      state,
      health: healthOf(task),
      // ECS never starts a task again; it replaces it.
      restarts: 0,
      ...(task.startedAt === undefined ? {} : { startedAt: task.startedAt.toISOString() }),
      ...(task.stoppedReason === undefined ? {} : { reason: task.stoppedReason.replace(/\.$/, "") }),
    }));
}

/**
 * Running and pending as the port means them: ECS's own counts, which may be ahead of the list of tasks or behind it, and the tasks
 * that are still there while they stop, which ECS counts no more.
 */
export function countTasks(
  tasks: readonly Task[] | undefined,
  counted: { readonly running: number; readonly pending: number },
): { runningCount: number; pendingCount: number } {
  const states = (tasks ?? []).map(stateOf);
  const count = (state: InstanceState): number => states.filter((one) => one === state).length;
  return {
    runningCount: Math.max(counted.running, count("running")) + count("stopping"),
    pendingCount: tasks === undefined ? counted.pending : Math.max(counted.pending, count("starting")),
  };
}

function healthOf(task: Task): InstanceHealth {
  if (task.healthStatus === "HEALTHY") return "healthy";
  return task.healthStatus === "UNHEALTHY" ? "unhealthy" : "unknown";
}

/** That a process of one of them may be there. */
export function hasLivingTask(tasks: readonly Task[]): boolean {
  return tasks.some((task) => stateOf(task) !== undefined);
}
