// The port: what a service of Tidegate may ask of whatever runs long-lived workloads, here or on ECS.

/** Where a deployment stands. "failed" is the circuit breaker's verdict; an adapter that goes on trying may still complete it. */
export type DeploymentState = "in-progress" | "completed" | "failed";

/** What an instance is doing: "waiting" for its turn or for another service, "backing-off" before it is started again. */
export type InstanceState = "waiting" | "starting" | "running" | "stopping" | "backing-off" | "exited";

export type InstanceHealth = "unknown" | "healthy" | "unhealthy";

export interface DeploymentStatus {
  readonly id: string;
  readonly release: string;
  /** The id of its revision. */
  readonly revision: string;
  readonly state: DeploymentState;
  /** Why it failed, in one sentence. */
  readonly reason?: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  /** When the platform itself went back to what ran before: the deployment that it gave up, and why. */
  readonly rollbackOf?: { readonly id: string; readonly reason: string };
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
  /** What the newest deployment starts instances from. */
  readonly revision: Revision;
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
  /** What of this is not seen but inferred, and why: a role that may not list tasks, for example. */
  readonly notes?: readonly string[];
}

/** From what instances of a service are started: a task definition; what a release says about the service. Never changed once it is there. */
export interface Revision {
  /** `arn:aws:ecs:…:task-definition/family:7`; `v2#<digest of what the release says>`. */
  readonly id: string;
  readonly release: string;
  /** Pinned by digest where the platform has images; null elsewhere. */
  readonly image: string | null;
  /** What could not be done as it should while registering, and nevertheless is no failure. */
  readonly note?: string;
}

/** Which revision is wanted: the release, and the image that it stands for where the platform has images. */
export interface RevisionTarget {
  readonly release: string;
  readonly image?: string;
}

export interface RevisionChange {
  /** `containerDefinitions[service-container].image`; sorted by it. */
  readonly path: string;
  /** JSON text; null where there is nothing. Values of environment variables and secrets are shown as digests. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface RevisionDraft {
  readonly service: string;
  readonly from: Revision;
  readonly target: RevisionTarget;
  /** What instances would be started from, against what they are started from now. Empty: nothing would change. */
  readonly changes: readonly RevisionChange[];
  /** What whoever approves should know: a base that is not what runs, for example. */
  readonly notes: readonly string[];
  /** Roles that registering hands on (iam:PassRole). */
  readonly passedRoles: readonly string[];
}

export interface WorkloadUpdate {
  readonly release?: string;
  /** The id of a registered revision, in the place of `release`. */
  readonly revision?: string;
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

export interface DescribeAllOptions {
  /**
   * "when-needed": instances are looked at only where the counts alone do not tell (a service on the move, or at zero and
   * not yet seen empty); others come with an empty list and a note. For polling. Default "all".
   */
  readonly instances?: "all" | "when-needed";
}

/** Long-running services by name. Every method throws UnknownService for a name that it does not know. */
export interface Workloads {
  /** The names of all services, sorted. */
  list(): Promise<readonly string[]>;
  describe(service: string): Promise<WorkloadStatus>;
  /** As many at once as the platform's calls allow, by name. One that is not there throws UnknownService, naming all that are missing. */
  describeAll(services: readonly string[], options?: DescribeAllOptions): Promise<ReadonlyMap<string, WorkloadStatus>>;
  /** What registering would do; reads only. Throws ReleaseNotFound, ServiceNotInRelease, RevisionInvalid. */
  draftRevision(service: string, target: RevisionTarget): Promise<RevisionDraft>;
  /** Makes what `draftRevision` showed. The same target again gives the revision that is there already. Throws as it does. */
  registerRevision(service: string, target: RevisionTarget): Promise<Revision>;
  /** Records a new desired state and returns at once; see waitForDeployment and waitForDrained. The same update again changes nothing. */
  update(service: string, change: WorkloadUpdate): Promise<UpdateReceipt>;
}
