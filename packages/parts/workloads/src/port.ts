// The port: what a service of Tidegate may ask of whatever runs long-lived workloads, here or on ECS.

/** Where a deployment stands. "failed" is the circuit breaker's verdict; an adapter that goes on trying may still complete it. */
export type DeploymentState = "in-progress" | "completed" | "failed";

/** What an instance is doing: "waiting" for its turn or for another service, "backing-off" before it is started again. */
export type InstanceState = "waiting" | "starting" | "running" | "stopping" | "backing-off" | "exited";

export type InstanceHealth = "unknown" | "healthy" | "unhealthy";

export interface DeploymentStatus {
  readonly id: string;
  readonly release: string;
  readonly state: DeploymentState;
  /** Why it failed, in one sentence. */
  readonly reason?: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
}

export interface InstanceExit {
  /** Null when a signal ended it, or when nobody was there to see. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly at: string;
}

export interface InstanceStatus {
  /** The adapter's own name for this run of the instance: a spawn id, a task ARN. */
  readonly id: string;
  readonly index: number;
  readonly release: string;
  readonly state: InstanceState;
  readonly health: InstanceHealth;
  readonly restarts: number;
  readonly pid?: number;
  /** `host:port` where it serves, when it serves. */
  readonly address?: string;
  readonly startedAt?: string;
  /** How its previous run ended. */
  readonly lastExit?: InstanceExit;
  /** Why it is not running. */
  readonly reason?: string;
  /** The end of its log, given when it is not running. */
  readonly lastLines?: readonly string[];
}

export interface WorkloadStatus {
  readonly service: string;
  readonly release: string;
  readonly desiredCount: number;
  /** Instances that are healthy, or still there while they stop. */
  readonly runningCount: number;
  /** Instances that were started and are not healthy yet. Together with `runningCount` zero only when no process is left. */
  readonly pendingCount: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The newest first; older ones as long as instances of theirs live. */
  readonly deployments: readonly DeploymentStatus[];
  readonly instances: readonly InstanceStatus[];
  /** What carries out the desired state. While it is not alive, updates are recorded and nothing else happens. */
  readonly controller: { readonly alive: boolean; readonly detail: string };
}

export interface WorkloadUpdate {
  readonly release?: string;
  /** A whole number, 0 or more. */
  readonly desiredCount?: number;
  /** Tags to set; those not named stay. */
  readonly tags?: Readonly<Record<string, string>>;
}

export interface UpdateReceipt {
  /**
   * The deployment that brings the service to its desired state: a new one when the release (or what the release says
   * about this service) changed, the present one when only the count or the tags did.
   */
  readonly deploymentId: string;
  /** False when nothing will happen until the controller is back; `note` says so. */
  readonly isBeingApplied: boolean;
  readonly note?: string;
}

/** Long-running services by name. Every method throws UnknownService for a name that it does not know. */
export interface Workloads {
  /** The names of all services, sorted. */
  list(): Promise<readonly string[]>;
  describe(service: string): Promise<WorkloadStatus>;
  /** Records a new desired state and returns at once; see waitForDeployment and waitForDrained. The same update again changes nothing. */
  update(service: string, change: WorkloadUpdate): Promise<UpdateReceipt>;
}
