// Services: created, described in no order and at most ten at once, updated, tagged.
import type * as sdk from "@aws-sdk/client-ecs";
import { AwsRefusal } from "../aws-refusal.ts";
import { findDefinition } from "./definitions.ts";
import { presentService } from "./present-service.ts";
import { beginDeployment, reconcile } from "./reconcile.ts";
import { arnOf, shortName, shuffled, type EcsState, type ServiceState } from "./state.ts";

type Answer<T> = Omit<T, "$metadata">;

export function serviceOperations(state: EcsState) {
  return {
    CreateCluster: (input: sdk.CreateClusterCommandInput): Answer<sdk.CreateClusterCommandOutput> => {
      const name = input.clusterName ?? "default";
      state.clusters.add(name);
      return { cluster: { clusterName: name, clusterArn: arnOf("cluster", name), status: "ACTIVE" } };
    },
    CreateService: (input: sdk.CreateServiceCommandInput): Answer<sdk.CreateServiceCommandOutput> => {
      const service = createService(state, input);
      return { service: presentService(service, true) };
    },
    DescribeServices: (input: sdk.DescribeServicesCommandInput): Answer<sdk.DescribeServicesCommandOutput> => {
      const cluster = clusterOf(state, input.cluster);
      const names = input.services ?? [];
      if (names.length === 0 || names.length > 10)
        throw new AwsRefusal("InvalidParameterException", "Services must have between 1 and 10 elements.");
      const withTags = input.include?.includes("TAGS") === true;
      const found = names.map((name) => ({ name, service: findService(state, cluster, name) }));
      return {
        services: shuffled(
          state,
          found.flatMap(({ service }) => (service === undefined ? [] : [shown(state, service, withTags)])),
        ),
        failures: found
          .filter(({ service }) => service === undefined)
          .map(({ name }) => ({ arn: serviceArn(cluster, shortName(name)), reason: "MISSING" })),
      };
    },
    UpdateService: (input: sdk.UpdateServiceCommandInput): Answer<sdk.UpdateServiceCommandOutput> => {
      const service = mustFind(state, input.cluster, input.service ?? "");
      if (state.timing.staleMs > 0)
        service.stale = {
          untilMs: state.timeline.nowMs() + state.timing.staleMs,
          shown: structuredClone(presentService(service, true)),
        };
      update(state, service, input);
      return { service: presentService(service, false) };
    },
    TagResource: (input: sdk.TagResourceCommandInput): Record<string, never> => {
      const service = state.services.get(input.resourceArn ?? "");
      if (service === undefined) throw new AwsRefusal("ResourceNotFoundException", "The resource was not found.");
      const given = input.tags ?? [];
      service.tags = [...service.tags.filter((tag) => !given.some((one) => one.key === tag.key)), ...given];
      return {};
    },
  };
}

function createService(state: EcsState, input: sdk.CreateServiceCommandInput): ServiceState {
  const cluster = clusterOf(state, input.cluster);
  const name = input.serviceName ?? "";
  if (findService(state, cluster, name) !== undefined)
    throw new AwsRefusal("InvalidParameterException", "Creation of service was not idempotent.");
  const { definition } = findDefinition(state, input.taskDefinition ?? "");
  const service: ServiceState = {
    arn: serviceArn(cluster, name),
    name,
    clusterArn: arnOf("cluster", cluster),
    created: input,
    createdAt: state.timeline.date(),
    desiredCount: input.desiredCount ?? 1,
    deployments: [],
    tasks: [],
    tags: [...(input.tags ?? [])],
    events: [],
    status: "ACTIVE",
  };
  state.services.set(service.arn, service);
  beginDeployment(state, service, definition.taskDefinitionArn ?? "");
  reconcile(state, service);
  return service;
}

function update(state: EcsState, service: ServiceState, input: sdk.UpdateServiceCommandInput): void {
  if (input.desiredCount !== undefined && (input.desiredCount < 0 || !Number.isInteger(input.desiredCount)))
    throw new AwsRefusal("InvalidParameterException", "desiredCount must be 0 or more.");
  const wanted =
    input.taskDefinition === undefined
      ? undefined
      : findDefinition(state, input.taskDefinition).definition.taskDefinitionArn;
  if (input.desiredCount !== undefined) service.desiredCount = input.desiredCount;
  const isNew = wanted !== undefined && wanted !== service.deployments[0]?.taskDefinition;
  if (isNew || input.forceNewDeployment === true)
    beginDeployment(state, service, wanted ?? service.deployments[0]?.taskDefinition ?? "");
  reconcile(state, service);
}

function shown(state: EcsState, service: ServiceState, withTags: boolean): sdk.Service {
  const { stale } = service;
  if (stale !== undefined && stale.untilMs > state.timeline.nowMs()) {
    const { tags, ...rest } = stale.shown as sdk.Service;
    return withTags && tags !== undefined ? { ...rest, tags } : rest;
  }
  return presentService(service, withTags);
}

export function clusterOf(state: EcsState, nameOrArn: string | undefined): string {
  const name = shortName(nameOrArn ?? "default");
  if (!state.clusters.has(name)) throw new AwsRefusal("ClusterNotFoundException", "Cluster not found.");
  return name;
}

export function findService(state: EcsState, cluster: string, nameOrArn: string): ServiceState | undefined {
  return state.services.get(serviceArn(cluster, shortName(nameOrArn)));
}

function mustFind(state: EcsState, cluster: string | undefined, name: string): ServiceState {
  const found = findService(state, clusterOf(state, cluster), name);
  if (found === undefined) throw new AwsRefusal("ServiceNotFoundException", "Service not found.");
  if (found.status !== "ACTIVE") throw new AwsRefusal("ServiceNotActiveException", "Service was not ACTIVE.");
  return found;
}

function serviceArn(cluster: string, name: string): string {
  return arnOf("service", `${cluster}/${name}`);
}
