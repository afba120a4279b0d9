// Task definitions: registered with a number, filled in with ECS's defaults, visible a little later.
import type * as sdk from "@aws-sdk/client-ecs";
import { AwsRefusal } from "../aws-refusal.ts";
import { arnOf, shortName, type DefinitionState, type EcsState } from "./state.ts";

type Answer<T> = Omit<T, "$metadata">;

export function definitionOperations(state: EcsState) {
  return {
    RegisterTaskDefinition: (
      input: sdk.RegisterTaskDefinitionCommandInput,
    ): Answer<sdk.RegisterTaskDefinitionCommandOutput> => {
      const { tags, family, containerDefinitions, ...rest } = input;
      if (family === undefined || containerDefinitions === undefined || containerDefinitions.length === 0)
        throw new AwsRefusal("ClientException", "Container list cannot be empty.");
      const revisions = state.definitions.get(family) ?? [];
      const revision = revisions.length + 1;
      const definition: sdk.TaskDefinition = {
        ...rest,
        family,
        revision,
        taskDefinitionArn: arnOf("task-definition", `${family}:${revision}`),
        containerDefinitions: containerDefinitions.map(withDefaults),
        volumes: rest.volumes ?? [],
        placementConstraints: rest.placementConstraints ?? [],
        status: "ACTIVE",
        requiresAttributes: [{ name: "com.amazonaws.ecs.capability.docker-remote-api.1.18" }],
        compatibilities: ["EC2", "FARGATE"],
        registeredAt: state.timeline.date(),
        registeredBy: "arn:aws:sts::123456789012:assumed-role/stand-in/run",
      };
      const visibleFromMs = state.timeline.nowMs() + state.timing.registeringMs;
      state.definitions.set(family, [...revisions, { definition, tags: [...(tags ?? [])], visibleFromMs }]);
      return { taskDefinition: definition, tags: tags ?? [] };
    },
    DescribeTaskDefinition: (
      input: sdk.DescribeTaskDefinitionCommandInput,
    ): Answer<sdk.DescribeTaskDefinitionCommandOutput> => {
      const found = findDefinition(state, input.taskDefinition ?? "");
      return {
        taskDefinition: found.definition,
        ...(input.include?.includes("TAGS") === true ? { tags: found.tags } : {}),
      };
    },
    ListTaskDefinitions: (input: sdk.ListTaskDefinitionsCommandInput): Answer<sdk.ListTaskDefinitionsCommandOutput> => {
      const visible = [...state.definitions.entries()]
        .filter(([family]) => input.familyPrefix === undefined || family === input.familyPrefix)
        .flatMap(([, revisions]) => revisions.filter((one) => one.visibleFromMs <= state.timeline.nowMs()))
        .filter((one) => one.definition.status === (input.status ?? "ACTIVE"))
        .map((one) => one.definition.taskDefinitionArn ?? "");
      const sorted = input.sort === "DESC" ? visible.reverse() : visible;
      const from = Number(input.nextToken ?? 0);
      const to = from + (input.maxResults ?? 100);
      return {
        taskDefinitionArns: sorted.slice(from, to),
        ...(to < sorted.length ? { nextToken: String(to) } : {}),
      };
    },
  };
}

/** By family (the newest ACTIVE one), `family:revision` or ARN. */
export function findDefinition(state: EcsState, name: string): DefinitionState {
  const [family = "", revision] = shortName(name).split(":");
  const revisions = (state.definitions.get(family) ?? []).filter((one) => one.visibleFromMs <= state.timeline.nowMs());
  const found =
    revision === undefined
      ? revisions.filter((one) => one.definition.status === "ACTIVE").at(-1)
      : revisions.find((one) => one.definition.revision === Number(revision));
  if (found === undefined) throw new AwsRefusal("ClientException", "Unable to describe task definition.");
  return found;
}

/** What ECS fills in where nothing was said. */
function withDefaults(container: sdk.ContainerDefinition): sdk.ContainerDefinition {
  return {
    cpu: 0,
    portMappings: [],
    essential: true,
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    ...container,
  };
}
