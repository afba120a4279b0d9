// A service as DescribeServices shows it. Counts are ECS's own: a task that is asked to stop is counted no more, though it may live.
import type { Deployment, Service } from "@aws-sdk/client-ecs";
import type { DeploymentState, ServiceState, TaskState } from "./state.ts";

export function presentService(service: ServiceState, withTags: boolean): Service {
  const { created } = service;
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: service.clusterArn,
    status: service.status,
    desiredCount: service.desiredCount,
    ...countsOf(service.tasks),
    launchType: "FARGATE",
    schedulingStrategy: "REPLICA",
    taskDefinition: service.deployments[0]?.taskDefinition ?? "",
    deploymentController: created.deploymentController ?? { type: "ECS" },
    deploymentConfiguration: created.deploymentConfiguration ?? { minimumHealthyPercent: 100, maximumPercent: 200 },
    loadBalancers: created.loadBalancers ?? [],
    serviceRegistries: [],
    deployments: service.deployments.map((one) => presentDeployment(service, one)),
    events: service.events,
    createdAt: service.createdAt,
    ...(withTags ? { tags: service.tags } : {}),
  };
}

function presentDeployment(service: ServiceState, deployment: DeploymentState): Deployment {
  const { changes: _changes, ...shown } = deployment;
  const isPrimary = deployment.status === "PRIMARY";
  return {
    ...shown,
    desiredCount: isPrimary ? service.desiredCount : 0,
    ...countsOf(service.tasks.filter((task) => task.deploymentId === deployment.id)),
    launchType: "FARGATE",
  };
}

function countsOf(tasks: readonly TaskState[]): { runningCount: number; pendingCount: number } {
  const wanted = tasks.filter((task) => task.desiredStatus === "RUNNING");
  const runningCount = wanted.filter((task) => task.lastStatus === "RUNNING").length;
  return { runningCount, pendingCount: wanted.length - runningCount };
}
