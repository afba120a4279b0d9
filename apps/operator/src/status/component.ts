// A workload as the part "workloads" knows it, to a component as the contract shows it.
import type { Component, ComponentInstance, ComponentState } from "@tidegate/contract";
import type { InstanceStatus, WorkloadStatus } from "@tidegate/workloads";

/** Outside systems that the launcher runs; every other workload is a service of ours. */
const PARTS: ReadonlySet<string> = new Set(["postgres", "chain", "redis", "kafka", "aws"]);

/** Counts, state and the one sentence that explains a state other than running. */
export function component(workload: WorkloadStatus): Component {
  const state = componentState(workload);
  return {
    name: workload.service,
    kind: PARTS.has(workload.service) ? "part" : "service",
    state,
    address: workload.instances.find((one) => one.address !== undefined)?.address ?? null,
    pid: workload.instances.find((one) => one.pid !== undefined)?.pid ?? null,
    release: workload.release,
    desiredCount: workload.desiredCount,
    runningCount: workload.runningCount,
    restarts: workload.instances.reduce((sum, one) => sum + one.restarts, 0),
    detail: detailOf(workload, state),
    instances: workload.instances.map(componentInstance),
  };
}

/** The worst thing that is true of the workload; see COMPONENT_STATES of the contract for what each means. */
export function componentState(workload: WorkloadStatus): ComponentState {
  const { desiredCount, runningCount, pendingCount, instances } = workload;
  if (desiredCount === 0) return runningCount + pendingCount === 0 ? "stopped" : "stopping";
  if (workload.deployments[0]?.state === "failed") return "failed";
  if (instances.some((one) => one.state === "running" && one.health === "unhealthy")) return "unhealthy";
  if (instances.some((one) => one.state === "backing-off" || one.state === "exited")) return "restarting";
  const healthy = instances.filter((one) => one.state === "running" && one.health !== "unhealthy").length;
  return healthy >= desiredCount && runningCount >= desiredCount ? "running" : "starting";
}

function detailOf(workload: WorkloadStatus, state: ComponentState): string | null {
  if (!workload.controller.alive) return workload.controller.detail;
  if (state === "running" || state === "stopped") return null;
  const reason = workload.deployments[0]?.reason ?? workload.instances.find((one) => one.reason !== undefined)?.reason;
  return reason ?? null;
}

function componentInstance(instance: InstanceStatus): ComponentInstance {
  return {
    index: instance.index,
    state: instance.state,
    health: instance.health,
    pid: instance.pid ?? null,
    address: instance.address ?? null,
    restarts: instance.restarts,
  };
}
