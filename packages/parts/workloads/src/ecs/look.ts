// Looking: DescribeServices for all, tasks where they are needed, definitions that are not known yet.
import type { Service, Task } from "@aws-sdk/client-ecs";
import type { DescribeAllOptions, Revision, WorkloadStatus } from "../port.ts";
import { countLeaving, stopLimitMs } from "./count-without-tasks.ts";
import { describeServices } from "./describe-services.ts";
import type { EcsDeps } from "./ecs-deps.ts";
import { hasLivingTask } from "./instances.ts";
import { listTasks } from "./list-tasks.ts";
import { readDefinition, revisionOf } from "./read-definition.ts";
import { workloadStatus } from "./workload-status.ts";

/** Services whose tasks are asked for at the same time: ECS's limits are by call. */
const AT_ONCE = 4;

/** By short name. Throws UnknownService with all that are missing. */
export async function lookAtAll(
  deps: EcsDeps,
  names: readonly string[],
  options: DescribeAllOptions = {},
): Promise<ReadonlyMap<string, WorkloadStatus>> {
  const services = [...(await describeServices(deps, names)).entries()];
  const statuses = new Map<string, WorkloadStatus>();
  for (let from = 0; from < services.length; from += AT_ONCE) {
    const some = services.slice(from, from + AT_ONCE);
    const looked = await Promise.all(some.map(async ([name, service]) => lookAt(deps, name, service, options)));
    for (const status of looked) statuses.set(status.service, status);
  }
  return statuses;
}

async function lookAt(
  deps: EcsDeps,
  name: string,
  service: Service,
  options: DescribeAllOptions,
): Promise<WorkloadStatus> {
  const isSkipped = options.instances === "when-needed" && !needsTasks(deps, name, service);
  const tasks = isSkipped ? undefined : await listTasks(deps, name);
  if (tasks !== undefined) rememberEmpty(deps, name, service, tasks);
  const revisions = await readRevisions(deps, name, service, tasks ?? []);
  const isBlind = !isSkipped && tasks === undefined;
  const limitMs = isBlind ? stopLimitMs(deps, service, definitionsOf(deps, service)) : 0;
  return workloadStatus(deps, name, {
    service,
    tasks,
    leaving: isBlind ? countLeaving(deps, name, service, limitMs) : 0,
    notes: isBlind ? [blindNote(deps, limitMs)] : isSkipped ? ["Its instances were not looked at."] : [],
    revisions,
  });
}

/** Whether counts alone do not tell: on the move, or at zero and not seen empty since. */
function needsTasks(deps: EcsDeps, name: string, service: Service): boolean {
  const deployments = service.deployments ?? [];
  const [only] = deployments;
  const isMoving =
    deployments.length !== 1 ||
    only?.rolloutState === "IN_PROGRESS" ||
    service.runningCount !== service.desiredCount ||
    (service.pendingCount ?? 0) > 0;
  if (isMoving) return true;
  return (service.desiredCount ?? 0) === 0 && deps.memory.seenEmpty.get(name) !== keyOf(service);
}

function rememberEmpty(deps: EcsDeps, name: string, service: Service, tasks: readonly Task[]): void {
  if (hasLivingTask(tasks)) deps.memory.seenEmpty.delete(name);
  else deps.memory.seenEmpty.set(name, keyOf(service));
}

/** Anything that ECS starts leaves a trace in it. */
function keyOf(service: Service): string {
  const [primary] = service.deployments ?? [];
  return JSON.stringify([primary?.id, primary?.updatedAt, service.events?.[0]?.id]);
}

async function readRevisions(
  deps: EcsDeps,
  name: string,
  service: Service,
  tasks: readonly Task[],
): Promise<ReadonlyMap<string, Revision>> {
  const living = tasks.filter((task) => hasLivingTask([task])).map((task) => task.taskDefinitionArn);
  const receipt = deps.memory.receipts.get(name)?.revision;
  const arns = [...(service.deployments ?? []).map((one) => one.taskDefinition), ...living, receipt];
  const revisions = new Map<string, Revision>();
  for (const arn of new Set(arns))
    if (arn !== undefined) revisions.set(arn, revisionOf(deps, name, await readDefinition(deps, name, arn)));
  return revisions;
}

function definitionsOf(deps: EcsDeps, service: Service) {
  return (service.deployments ?? []).flatMap(({ taskDefinition }) => {
    const known = deps.memory.definitions.get(taskDefinition ?? "");
    return known === undefined ? [] : [known.definition];
  });
}

function blindNote(deps: EcsDeps, limitMs: number): string {
  return `The role has no ${deps.memory.deniedTasks ?? "ecs:ListTasks"}: instances are not seen, and a task that ECS no longer counts is taken to be alive for ${limitMs / 1_000} s.`;
}
