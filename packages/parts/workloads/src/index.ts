// Workloads: long-running services behind one port: as processes of this machine, or on ECS.
export {
  ClusterNotFound,
  DeploymentFailed,
  DeploymentSuperseded,
  ReleaseInvalid,
  ReleaseNotFound,
  RevisionInvalid,
  ServiceNotInRelease,
  StateUnreadable,
  SupervisorRunning,
  UnknownService,
  UpdateInvalid,
} from "./errors.ts";
export type {
  DeploymentState,
  DeploymentStatus,
  DescribeAllOptions,
  InstanceExit,
  InstanceHealth,
  InstanceState,
  InstanceStatus,
  Revision,
  RevisionChange,
  RevisionDraft,
  RevisionTarget,
  UpdateReceipt,
  Workloads,
  WorkloadStatus,
  WorkloadUpdate,
} from "./port.ts";
export { hasCompleted, waitForDeployment, waitForDrained, type WaitForWorkload } from "./wait-for-deployment.ts";
export {
  summariseWorkload,
  type InstanceSummary,
  type WorkloadState,
  type WorkloadSummary,
} from "./summarise-workload.ts";
export { readLogs, type ReadLogsOptions } from "./logs/read-logs.ts";
export { readRelease, type ReleaseOnDisk } from "./release/read-release.ts";
export { releaseSchema, type Release, type ReleaseInput, type ServiceSpec } from "./release/release-schema.ts";
export {
  createProcessWorkloads,
  type ProcessWorkloads,
  type ProcessWorkloadsOptions,
} from "./processes/create-process-workloads.ts";
export { createEcsWorkloads, type EcsServiceNames, type EcsWorkloadsOptions } from "./ecs/create-ecs-workloads.ts";
export { findSupervisor } from "./processes/find-supervisor.ts";
export { isAlive, identityOf, signalProcess, type ProcessIdentity } from "./processes/process-identity.ts";
export { createSupervisor, type Supervisor, type SupervisorOptions } from "./supervisor/create-supervisor.ts";
export { stopAll } from "./supervisor/stop-all.ts";
export type { StopReason, SupervisorEvent } from "./supervisor/events.ts";
export type { Timing } from "./supervisor/timing.ts";
