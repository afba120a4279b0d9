// The tasks of a service: those that shall run and those that were asked to stop, for ECS's own counts forget the latter too soon.
import { DescribeTasksCommand, ListTasksCommand, type Task } from "@aws-sdk/client-ecs";
import { AwsAccessDenied } from "@tidegate/aws";
import type { EcsDeps } from "./ecs-deps.ts";
import { namesOf } from "./describe-services.ts";
import { callEcs } from "./map-ecs-error.ts";

/** DescribeTasks refuses more. */
const BATCH = 100;

/** Undefined when the role may not see them; `deps.memory.deniedTasks` then says which action it lacks, and it is not asked for again. */
export async function listTasks(deps: EcsDeps, service: string): Promise<readonly Task[] | undefined> {
  if (deps.memory.deniedTasks !== undefined) return undefined;
  try {
    const arns = [...(await listArns(deps, service, "RUNNING")), ...(await listArns(deps, service, "STOPPED"))];
    return await describeTasks(deps, service, [...new Set(arns)]);
  } catch (error) {
    if (!(error instanceof AwsAccessDenied)) throw error;
    deps.memory.deniedTasks = String(error.details["action"]);
    return undefined;
  }
}

async function listArns(deps: EcsDeps, service: string, desiredStatus: "RUNNING" | "STOPPED"): Promise<string[]> {
  const arns: string[] = [];
  let nextToken: string | undefined;
  do {
    const token = nextToken;
    const answer = await callEcs(
      deps,
      { action: "ListTasks", what: `Listing the tasks of ${service}`, service },
      async () =>
        deps.client.send(
          new ListTasksCommand({
            cluster: deps.cluster,
            serviceName: namesOf(deps, service).service,
            desiredStatus,
            ...(token === undefined ? {} : { nextToken: token }),
          }),
        ),
    );
    arns.push(...(answer.taskArns ?? []));
    nextToken = answer.nextToken;
  } while (nextToken !== undefined && nextToken !== "");
  return arns;
}

/** A task that is gone between the two calls is gone. */
async function describeTasks(deps: EcsDeps, service: string, arns: readonly string[]): Promise<Task[]> {
  const tasks: Task[] = [];
  for (let from = 0; from < arns.length; from += BATCH) {
    const batch = arns.slice(from, from + BATCH);
    const answer = await callEcs(
      deps,
      { action: "DescribeTasks", what: `Looking at the tasks of ${service}` },
      async () => deps.client.send(new DescribeTasksCommand({ cluster: deps.cluster, tasks: [...batch] })),
    );
    tasks.push(...(answer.tasks ?? []));
  }
  return tasks;
}
