// ECS as the stand-in plays it: what the fleet's adapter calls, and what its tests need to set up and to see.
import * as sdk from "@aws-sdk/client-ecs";
import { seededRandom } from "@tidegate/kernel";
import type { StandInService } from "../stand-in.ts";
import type { Timeline } from "../timeline.ts";
import { awsJson } from "../wire/aws-json.ts";
import { modelOf } from "../wire/model.ts";
import { definitionOperations } from "./definitions.ts";
import { countProcesses, failDeployment } from "./reconcile.ts";
import { serviceOperations } from "./services.ts";
import { arnOf, QUICK, type EcsState, type EcsTiming, type ImageBehaviour, type ServiceState } from "./state.ts";
import { taskOperations } from "./tasks.ts";

export interface StandInEcsOptions {
  /** Default tens of milliseconds each. */
  readonly timing?: Partial<EcsTiming>;
  /** What tasks of an image do. Default they all work. */
  readonly behaviourOf?: (image: string) => ImageBehaviour;
}

export interface StandInEcs extends StandInService {
  /** How many tasks of a service have a process now, stopping ones included: what really runs. */
  readonly countProcesses: (cluster: string, service: string) => number;
  /** The circuit breaker's verdict on the present deployment. */
  readonly failDeployment: (cluster: string, service: string, reason: string) => void;
  /** All registered definitions of a family, the oldest first, with tags. */
  readonly definitions: (family: string) => readonly { definition: sdk.TaskDefinition; tags: readonly sdk.Tag[] }[];
  /** As DeleteService would leave it. */
  readonly deactivate: (cluster: string, service: string) => void;
}

const ONE_ID = 1_000_000_000_000_000n;

export function createStandInEcs(timeline: Timeline, options: StandInEcsOptions = {}): StandInEcs {
  let ids = 0n;
  const random = seededRandom(1);
  const state: EcsState = {
    timeline,
    timing: { ...QUICK, ...options.timing },
    behaviourOf: options.behaviourOf ?? (() => "works"),
    clusters: new Set(),
    services: new Map(),
    definitions: new Map(),
    nextId: () => String(ONE_ID + (ids += 1n)),
    random: () => random.next(),
  };
  const find = (cluster: string, name: string): ServiceState => {
    timeline.catchUp();
    const found = state.services.get(arnOf("service", `${cluster}/${name}`));
    if (found === undefined) throw new Error(`The stand-in has no service ${name} in ${cluster}`);
    return found;
  };
  return {
    name: "ecs",
    model: modelOf(sdk),
    protocol: awsJson("AmazonEC2ContainerServiceV20141113"),
    operations: { ...definitionOperations(state), ...serviceOperations(state), ...taskOperations(state) },
    countProcesses: (cluster, service) => countProcesses(find(cluster, service)),
    failDeployment: (cluster, service, reason) => {
      const found = find(cluster, service);
      const [primary] = found.deployments;
      if (primary !== undefined) failDeployment(state, found, primary, reason);
    },
    definitions: (family) => state.definitions.get(family) ?? [],
    deactivate: (cluster, service) => {
      find(cluster, service).status = "INACTIVE";
    },
  };
}
