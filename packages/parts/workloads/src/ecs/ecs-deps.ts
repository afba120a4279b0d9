// What every piece of the ECS adapter is given, and what the adapter remembers between calls.
import type { ECSClient, Tag, TaskDefinition } from "@aws-sdk/client-ecs";
import type { Clock } from "@tidegate/kernel";

/** A task definition as it was read. */
export interface Definition {
  readonly arn: string;
  readonly family: string;
  readonly definition: TaskDefinition;
  readonly tags: readonly Tag[];
}

/** How ECS calls a service. */
export interface EcsServiceNames {
  /** The ECS service: `dev4-indexer-apne1-ender`. */
  readonly service: string;
  /** The family of its task definitions: `dev4-indexer-apne1-ender-task`. */
  readonly family: string;
  /** How the name of the container ends that runs the release's image. Default "service-container". */
  readonly container?: string;
}

/** What an update of ours was answered; for the seconds in which DescribeServices may still tell of what was before. */
export interface Receipt {
  readonly deploymentId: string;
  readonly revision: string;
  readonly createdAtMs: number;
  readonly desiredCount: number;
  /** On the monotonic clock. */
  readonly atMs: number;
}

interface Memory {
  /** By ARN: they never change. */
  readonly definitions: Map<string, Definition>;
  /** The releases of definitions that we registered and could not tag, by ARN. */
  readonly releases: Map<string, string>;
  /** By service. */
  readonly receipts: Map<string, Receipt>;
  /** By service: what DescribeServices said when its tasks were last seen, and there was none. */
  readonly seenEmpty: Map<string, string>;
  /** By service: counts without a sight of tasks, and since when. */
  readonly counts: Map<
    string,
    { readonly running: number; readonly key: string; readonly sinceMs: number; readonly leaving: number }
  >;
  /** The action that the role lacks to see tasks. */
  deniedTasks?: string;
}

export interface EcsDeps {
  readonly client: ECSClient;
  readonly cluster: string;
  readonly services: Readonly<Record<string, EcsServiceNames>>;
  readonly base: "newest" | "running";
  readonly clock: Clock;
  readonly taskDefinitionLimitMs: number;
  readonly everyMs: number;
  readonly consistencyMs: number;
  readonly deregistrationDelayMs: number;
  readonly memory: Memory;
}
