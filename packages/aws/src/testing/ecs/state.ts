// What the stand-in's ECS knows.
import type { TaskDefinition, Tag, CreateServiceCommandInput } from "@aws-sdk/client-ecs";
import type { Timeline } from "../timeline.ts";

/** What becomes of a task with an image: it runs, exits after a while, is never started, or stays pending. */
export type ImageBehaviour = "works" | "exits" | "cannot-start" | "hangs";

export interface EcsTiming {
  readonly provisioningMs: number;
  readonly pendingMs: number;
  /** Only with load balancers. */
  readonly deactivatingMs: number;
  /** From the stop signal to the end of the process. */
  readonly stoppingMs: number;
  readonly deprovisioningMs: number;
  /** How long a task of an image that "exits" runs. */
  readonly exitAfterMs: number;
  /** Before a failed task is replaced. */
  readonly replaceMs: number;
  /** From the last change of a deployment's tasks to COMPLETED. */
  readonly steadyMs: number;
  /** Before a registered definition can be described. */
  readonly registeringMs: number;
  /** How long DescribeServices still gives what was there before an UpdateService. */
  readonly staleMs: number;
}

export const QUICK: EcsTiming = {
  provisioningMs: 10,
  pendingMs: 20,
  deactivatingMs: 40,
  stoppingMs: 60,
  deprovisioningMs: 30,
  exitAfterMs: 20,
  replaceMs: 10,
  steadyMs: 20,
  registeringMs: 20,
  staleMs: 0,
};

export interface TaskState {
  readonly arn: string;
  readonly definition: TaskDefinition;
  readonly deploymentId: string;
  readonly createdAt: Date;
  lastStatus: "PROVISIONING" | "PENDING" | "RUNNING" | "DEACTIVATING" | "STOPPING" | "DEPROVISIONING" | "STOPPED";
  desiredStatus: "RUNNING" | "STOPPED";
  startedAt?: Date;
  stoppingAt?: Date;
  stoppedAt?: Date;
  stopCode?: "TaskFailedToStart" | "EssentialContainerExited" | "ServiceSchedulerInitiated";
  stoppedReason?: string;
  exitCode?: number;
}

export interface DeploymentState {
  readonly id: string;
  readonly taskDefinition: string;
  readonly createdAt: Date;
  status: "PRIMARY" | "ACTIVE";
  failedTasks: number;
  rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  rolloutStateReason: string;
  updatedAt: Date;
  /** Counts the changes of its tasks, so that steadiness can be judged later. */
  changes: number;
}

export interface ServiceState {
  readonly arn: string;
  readonly name: string;
  readonly clusterArn: string;
  readonly created: CreateServiceCommandInput;
  readonly createdAt: Date;
  desiredCount: number;
  deployments: DeploymentState[];
  tasks: TaskState[];
  tags: Tag[];
  events: { readonly id: string; readonly createdAt: Date; readonly message: string }[];
  lastCompleted?: { readonly id: string; readonly taskDefinition: string };
  status: "ACTIVE" | "INACTIVE";
  /** Answered by DescribeServices until a moment. */
  stale?: { readonly untilMs: number; readonly shown: unknown };
}

export interface DefinitionState {
  readonly definition: TaskDefinition;
  readonly tags: Tag[];
  readonly visibleFromMs: number;
}

export interface EcsState {
  readonly timeline: Timeline;
  readonly timing: EcsTiming;
  readonly behaviourOf: (image: string) => ImageBehaviour;
  readonly clusters: Set<string>;
  /** By ARN. */
  readonly services: Map<string, ServiceState>;
  /** By family, the oldest first. */
  readonly definitions: Map<string, DefinitionState[]>;
  readonly nextId: () => string;
  /** Uniform in [0, 1): for results in no order. */
  readonly random: () => number;
}

const PREFIX = "arn:aws:ecs:eu-west-1:123456789012";

/** `kind`: "cluster", "service", "task-definition". */
export function arnOf(kind: string, name: string): string {
  return `${PREFIX}:${kind}/${name}`;
}

/** The last part of a name or an ARN. */
export function shortName(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf("/") + 1);
}

/** In no order: ECS promises none. */
export function shuffled<T>(state: EcsState, items: readonly T[]): T[] {
  const left = [...items];
  const out: T[] = [];
  while (left.length > 0) out.push(...left.splice(Math.floor(state.random() * left.length), 1));
  // A shuffle that changed nothing would show nothing.
  return out.length > 1 && out.every((item, index) => item === items[index]) ? out.reverse() : out;
}
