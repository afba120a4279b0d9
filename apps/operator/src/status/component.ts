// A workload as the part "workloads" sums it up, to a component as the contract shows it.
import { componentKind, type Component } from "@tidegate/contract";
import { summariseWorkload, type WorkloadStatus } from "@tidegate/workloads";

export function component(workload: WorkloadStatus): Component {
  return { ...summariseWorkload(workload), kind: componentKind(workload.service) };
}
