// A workload in one line, for a table or a status page: the operator and the terminal say the same.
import type { InstanceHealth, InstanceState, InstanceStatus, WorkloadStatus } from "./port.ts";

/** The worst thing that is true of a workload. */
export type WorkloadState = "running" | "starting" | "unhealthy" | "restarting" | "failed" | "stopping" | "stopped";

export interface InstanceSummary {
  readonly index: number;
  readonly state: InstanceState;
  readonly health: InstanceHealth;
  readonly pid: number | null;
  readonly address: string | null;
  readonly restarts: number;
}

export interface WorkloadSummary {
  readonly name: string;
  readonly state: WorkloadState;
  /** Of the first instance that has one. */
  readonly address: string | null;
  readonly pid: number | null;
  readonly release: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly restarts: number;
  /** One sentence that explains a state other than running. */
  readonly detail: string | null;
  readonly instances: InstanceSummary[];
}

/** Counts, state and the sentence that explains it. */
export function summariseWorkload(workload: WorkloadStatus): WorkloadSummary {
  const state = workloadState(workload);
  const { instances } = workload;
  return {
    name: workload.service,
    state,
    address: instances.find((one) => one.address !== undefined)?.address ?? null,
    pid: instances.find((one) => one.pid !== undefined)?.pid ?? null,
    release: workload.release,
    desiredCount: workload.desiredCount,
    runningCount: workload.runningCount,
    restarts: instances.reduce((sum, one) => sum + one.restarts, 0),
    detail: detailOf(workload, state),
    instances: instances.map(summariseInstance),
  };
}

function workloadState(workload: WorkloadStatus): WorkloadState {
  const { desiredCount, runningCount, pendingCount, instances } = workload;
  if (desiredCount === 0) return runningCount + pendingCount === 0 ? "stopped" : "stopping";
  if (!workload.controller.alive && runningCount + pendingCount === 0) return "stopped";
  if (workload.deployments[0]?.state === "failed") return "failed";
  if (instances.some((one) => one.state === "running" && one.health === "unhealthy")) return "unhealthy";
  if (instances.some((one) => one.state === "backing-off" || one.state === "exited")) return "restarting";
  // Where instances are not seen, their number is all there is.
  const isBlind = instances.length === 0 && workload.notes !== undefined;
  const healthy = isBlind ? runningCount : instances.filter((one) => one.state === "running").length;
  return healthy >= desiredCount ? "running" : "starting";
}

function detailOf(workload: WorkloadStatus, state: WorkloadState): string | null {
  if (!workload.controller.alive) return workload.controller.detail;
  if (state === "running" || state === "stopped") return null;
  const reason = workload.deployments[0]?.reason ?? workload.instances.find((one) => one.reason !== undefined)?.reason;
  return reason ?? null;
}

function summariseInstance(instance: InstanceStatus): InstanceSummary {
  return {
    index: instance.index,
    state: instance.state,
    health: instance.health,
    pid: instance.pid ?? null,
    address: instance.address ?? null,
    restarts: instance.restarts,
  };
}
