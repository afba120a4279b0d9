// Workloads: long-running services behind one port; here as processes of this machine.
export {
  DeploymentFailed,
  DeploymentSuperseded,
  ReleaseInvalid,
  ReleaseNotFound,
  ServiceNotInRelease,
  StateUnreadable,
  SupervisorRunning,
  UnknownService,
  UpdateInvalid,
} from "./errors.ts";
export type {
  DeploymentState,
  DeploymentStatus,
  InstanceExit,
  InstanceHealth,
  InstanceState,
  InstanceStatus,
  UpdateReceipt,
  Workloads,
  WorkloadStatus,
  WorkloadUpdate,
} from "./port.ts";
export { waitForDeployment, waitForDrained, type WaitForWorkload } from "./wait-for-deployment.ts";
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
export { findSupervisor } from "./processes/find-supervisor.ts";
export { isAlive, identityOf, signalProcess, type ProcessIdentity } from "./processes/process-identity.ts";
export { createSupervisor, type Supervisor, type SupervisorOptions } from "./supervisor/create-supervisor.ts";
export { stopAll } from "./supervisor/stop-all.ts";
export type { StopReason, SupervisorEvent } from "./supervisor/events.ts";
export type { Timing } from "./supervisor/timing.ts";
