// The ECS adapter: services of one cluster, by the short names of a fleet.
import type { ECSClient } from "@aws-sdk/client-ecs";
import { systemClock, type Clock } from "@tidegate/kernel";
import type { Workloads } from "../port.ts";
import { draftRevision } from "./compose-revision.ts";
import { unknownService } from "./map-ecs-error.ts";
import type { EcsServiceNames } from "./ecs-deps.ts";
import { lookAtAll } from "./look.ts";
import { registerRevision } from "./register-revision.ts";
import { updateService } from "./update-service.ts";

export type { EcsServiceNames } from "./ecs-deps.ts";

export interface EcsWorkloadsOptions {
  /** From `openAwsClient(ECSClient, …)`; the caller destroys it. */
  readonly client: ECSClient;
  /** Name or ARN. */
  readonly cluster: string;
  /** By the short names that the port uses. */
  readonly services: Readonly<Record<string, EcsServiceNames>>;
  /** What a new revision is made from: the newest ACTIVE one of the family, or the one that runs. Default "newest". */
  readonly base?: "newest" | "running";
  /** How long a registered definition may take until it is ACTIVE. Default 60,000. */
  readonly taskDefinitionLimitMs?: number;
  /** Between two looks at it. Default 5,000. */
  readonly everyMs?: number;
  /** For how long after an update of ours DescribeServices may still tell of what was before. Default 15,000. */
  readonly consistencyMs?: number;
  /** Only for a role that may not see tasks: how long a load balancer keeps a task that is to stop. Default 300,000, AWS's own. */
  readonly deregistrationDelayMs?: number;
  /** Default the system's. */
  readonly clock?: Clock;
}

/** Calls nothing before it is asked; remembers task definitions, which never change, and its own updates for `consistencyMs`. */
export function createEcsWorkloads(options: EcsWorkloadsOptions): Workloads {
  const deps = {
    client: options.client,
    cluster: options.cluster,
    services: options.services,
    base: options.base ?? "newest",
    clock: options.clock ?? systemClock,
    taskDefinitionLimitMs: options.taskDefinitionLimitMs ?? 60_000,
    everyMs: options.everyMs ?? 5_000,
    consistencyMs: options.consistencyMs ?? 15_000,
    deregistrationDelayMs: options.deregistrationDelayMs ?? 300_000,
    memory: {
      definitions: new Map(),
      releases: new Map(),
      receipts: new Map(),
      seenEmpty: new Map(),
      counts: new Map(),
    },
  };
  return {
    list: async () => Object.keys(deps.services).sort(),
    describe: async (service) => {
      const status = (await lookAtAll(deps, [service])).get(service);
      if (status === undefined) throw unknownService(deps, [service]);
      return status;
    },
    describeAll: async (services, how) => lookAtAll(deps, services, how),
    draftRevision: async (service, target) => draftRevision(deps, service, target),
    registerRevision: async (service, target) => registerRevision(deps, service, target),
    update: async (service, change) => updateService(deps, service, change),
  };
}
