// A workload as the part "workloads" knows it, to a component as the contract shows it.
import type { Component } from "@tidegate/contract";
import { summariseWorkload, type WorkloadStatus } from "@tidegate/workloads";

/** Outside systems that the launcher runs; every other workload is a service of ours. */
const PARTS: ReadonlySet<string> = new Set(["postgres", "chain", "redis", "kafka", "aws"]);

export function component(workload: WorkloadStatus): Component {
  return { ...summariseWorkload(workload), kind: PARTS.has(workload.service) ? "part" : "service" };
}
