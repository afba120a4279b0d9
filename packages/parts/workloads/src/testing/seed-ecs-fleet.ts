// A cluster with two services, made over the SDK: on the stand-in and on MiniStack alike.
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type ContainerDefinition,
  type CreateServiceCommandInput,
  type ECSClient,
  type RegisterTaskDefinitionCommandInput,
} from "@aws-sdk/client-ecs";
import { waitUntil } from "@tidegate/kernel";
import type { EcsServiceNames } from "../ecs/ecs-deps.ts";

export const CLUSTER = "dev-indexer-euw1-cluster";
const REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/dev-indexer-";

/** As Auxo derives them. */
export function ecsNames(service: string): EcsServiceNames {
  return { service: `dev-indexer-euw1-${service}`, family: `dev-indexer-euw1-${service}-task` };
}

/** `letter`: a release is one hexadecimal digit, sixty-four times. */
export function imageOf(service: string, letter: string): string {
  return `${REPOSITORY}${service}@sha256:${letter.repeat(64)}`;
}

export interface Seed {
  readonly service: string;
  readonly release: string;
  readonly image: string;
  readonly desiredCount?: number;
  /** Of the service's container. */
  readonly container?: Partial<ContainerDefinition>;
  readonly definition?: Partial<RegisterTaskDefinitionCommandInput>;
  readonly created?: Partial<CreateServiceCommandInput>;
}

export async function seedCluster(client: ECSClient): Promise<void> {
  await client.send(new CreateClusterCommand({ clusterName: CLUSTER }));
}

/** Registers the first definition, as the infrastructure would, and creates the service. */
export async function seedService(client: ECSClient, seed: Seed): Promise<string> {
  const names = ecsNames(seed.service);
  const registered = await client.send(new RegisterTaskDefinitionCommand(definitionOf(seed)));
  const arn = registered.taskDefinition?.taskDefinitionArn ?? "";
  await untilUsable(client, arn);
  await client.send(
    new CreateServiceCommand({
      cluster: CLUSTER,
      serviceName: names.service,
      taskDefinition: arn,
      desiredCount: seed.desiredCount ?? 1,
      launchType: "FARGATE",
      deploymentConfiguration: {
        minimumHealthyPercent: 100,
        maximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: false },
      },
      ...seed.created,
    }),
  );
  return arn;
}

async function untilUsable(client: ECSClient, arn: string): Promise<void> {
  const look = async (): Promise<true | undefined> =>
    client.send(new DescribeTaskDefinitionCommand({ taskDefinition: arn })).then(
      () => true as const,
      () => undefined,
    );
  await waitUntil(look, { what: `The definition ${arn}`, limitMs: 10_000, everyMs: 10, remedy: "Look at the server." });
}

export function definitionOf({
  service,
  release,
  image,
  container,
  definition,
}: Seed): RegisterTaskDefinitionCommandInput {
  const names = ecsNames(service);
  return {
    family: names.family,
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: "256",
    memory: "512",
    executionRoleArn: "arn:aws:iam::123456789012:role/dev-indexer-execution",
    taskRoleArn: "arn:aws:iam::123456789012:role/dev-indexer-task",
    containerDefinitions: [
      {
        name: `dev-indexer-euw1-${service}-service-container`,
        image,
        essential: true,
        environment: [
          { name: "DB_PASSWORD", value: "not for eyes" },
          { name: "SERVICE_NAME", value: service },
        ],
        ...container,
      },
      { name: `dev-indexer-euw1-${service}-datadog-agent`, image: "public.ecr.aws/datadog/agent:7", essential: false },
    ],
    tags: [{ key: "tidegate:release", value: release }],
    ...definition,
  };
}
