// Tasks: listed by service and desired status, described a hundred at once.
import type * as sdk from "@aws-sdk/client-ecs";
import { AwsRefusal } from "../aws-refusal.ts";
import { clusterOf, findService } from "./services.ts";
import { shuffled, type EcsState, type ServiceState, type TaskState } from "./state.ts";

type Answer<T> = Omit<T, "$metadata">;

/** A page, so that whoever does not go on reading misses something. */
const PAGE = 100;

export function taskOperations(state: EcsState) {
  return {
    ListTasks: (input: sdk.ListTasksCommandInput): Answer<sdk.ListTasksCommandOutput> => {
      const cluster = clusterOf(state, input.cluster);
      const services = [...state.services.values()].filter((one) => one.clusterArn.endsWith(`/${cluster}`));
      const named = input.serviceName === undefined ? undefined : findService(state, cluster, input.serviceName);
      if (input.serviceName !== undefined && named === undefined)
        throw new AwsRefusal("ServiceNotFoundException", "Service not found.");
      const arns = (named === undefined ? services : [named])
        .flatMap((service) => service.tasks)
        .filter((task) => task.desiredStatus === (input.desiredStatus ?? "RUNNING"))
        .map((task) => task.arn);
      const from = Number(input.nextToken ?? 0);
      const to = from + Math.min(PAGE, input.maxResults ?? PAGE);
      return { taskArns: arns.slice(from, to), ...(to < arns.length ? { nextToken: String(to) } : {}) };
    },
    DescribeTasks: (input: sdk.DescribeTasksCommandInput): Answer<sdk.DescribeTasksCommandOutput> => {
      clusterOf(state, input.cluster);
      const wanted = input.tasks ?? [];
      if (wanted.length === 0 || wanted.length > 100)
        throw new AwsRefusal("InvalidParameterException", "Tasks must have between 1 and 100 elements.");
      const all = [...state.services.values()].flatMap((service) => service.tasks.map((task) => ({ service, task })));
      const found = all.filter(({ task }) => wanted.includes(task.arn));
      return {
        tasks: shuffled(
          state,
          found.map(({ service, task }) => presentTask(service, task)),
        ),
        failures: wanted
          .filter((arn) => !found.some(({ task }) => task.arn === arn))
          .map((arn) => ({ arn, reason: "MISSING" })),
      };
    },
  };
}

function presentTask(service: ServiceState, task: TaskState): sdk.Task {
  return {
    taskArn: task.arn,
    clusterArn: service.clusterArn,
    taskDefinitionArn: task.definition.taskDefinitionArn ?? "",
    group: `service:${service.name}`,
    startedBy: task.deploymentId,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    healthStatus: "UNKNOWN",
    createdAt: task.createdAt,
    ...(task.startedAt === undefined ? {} : { startedAt: task.startedAt }),
    ...(task.stoppingAt === undefined ? {} : { stoppingAt: task.stoppingAt }),
    ...(task.stoppedAt === undefined ? {} : { stoppedAt: task.stoppedAt }),
    ...(task.stopCode === undefined ? {} : { stopCode: task.stopCode }),
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
    containers: (task.definition.containerDefinitions ?? []).map(({ name, image }) => ({
      ...(name === undefined ? {} : { name }),
      ...(image === undefined ? {} : { image }),
      lastStatus: task.lastStatus,
      ...(task.exitCode === undefined ? {} : { exitCode: task.exitCode }),
    })),
  };
}
