// One service of ECS in the words of the port.
import type { Service, Task } from "@aws-sdk/client-ecs";
import type { DeploymentStatus, Revision, WorkloadStatus } from "../port.ts";
import { deploymentsOf } from "./deployment-status.ts";
import type { EcsDeps, Receipt } from "./ecs-deps.ts";
import { countTasks, instancesOf } from "./instances.ts";

export interface Sight {
  readonly service: Service;
  /** Undefined: not looked at, or not to be seen. */
  readonly tasks: readonly Task[] | undefined;
  /** Tasks that may still be stopping though nobody sees them. */
  readonly leaving: number;
  readonly notes: readonly string[];
  /** By the ARN of the definition. */
  readonly revisions: ReadonlyMap<string, Revision>;
}

export function workloadStatus(deps: EcsDeps, name: string, sight: Sight): WorkloadStatus {
  const { service, tasks } = sight;
  const revisionAt = (arn: string): Revision =>
    sight.revisions.get(arn) ?? { id: arn, release: arn.slice(arn.lastIndexOf("/") + 1), image: null };
  const receipt = recentReceipt(deps, name);
  const deployments = withReceipt(deploymentsOf(service, tasks, revisionAt), service, receipt, revisionAt);
  const counts = countTasks(tasks, { running: service.runningCount ?? 0, pending: service.pendingCount ?? 0 });
  const [newest] = deployments;
  const revision = revisionAt(newest?.revision ?? service.taskDefinition ?? "");
  const isDraining = service.status === "DRAINING";
  return {
    service: name,
    release: revision.release,
    revision,
    desiredCount: receipt?.desiredCount ?? service.desiredCount ?? 0,
    runningCount: counts.runningCount + sight.leaving,
    pendingCount: counts.pendingCount,
    tags: Object.fromEntries((service.tags ?? []).map(({ key, value }) => [key ?? "", value ?? ""])),
    deployments,
    instances: instancesOf(tasks ?? [], (arn) => revisionAt(arn).release),
    controller: {
      alive: !isDraining,
      detail: isDraining
        ? `ECS is deleting ${service.serviceName ?? name}: nothing is started there any more.`
        : `ECS, cluster ${deps.cluster}, service ${service.serviceName ?? name}`,
    },
    ...(sight.notes.length === 0 ? {} : { notes: sight.notes }),
  };
}

/** Undefined once DescribeServices has had the time to tell of our update. */
function recentReceipt(deps: EcsDeps, name: string): Receipt | undefined {
  const receipt = deps.memory.receipts.get(name);
  if (receipt === undefined) return undefined;
  return deps.clock.monotonicMs() - receipt.atMs < deps.consistencyMs ? receipt : undefined;
}

/** DescribeServices may be behind our own update: then its answer is held to be of before. */
function withReceipt(
  seen: readonly DeploymentStatus[],
  service: Service,
  receipt: Receipt | undefined,
  revisionAt: (arn: string) => Revision,
): readonly DeploymentStatus[] {
  if (receipt === undefined) return seen;
  const [newest, ...older] = seen;
  if (newest?.id === receipt.deploymentId) {
    if (newest.desiredCount === receipt.desiredCount) return seen;
    const state = newest.state === "completed" ? "in-progress" : newest.state;
    return [{ ...newest, state, desiredCount: receipt.desiredCount }, ...older];
  }
  const primary = service.deployments?.find((one) => one.status === "PRIMARY");
  const isBefore = (primary?.createdAt?.getTime() ?? 0) < receipt.createdAtMs;
  if (!isBefore || seen.some((one) => one.id === receipt.deploymentId)) return seen;
  const { id: revision, release } = revisionAt(receipt.revision);
  const ours: DeploymentStatus = {
    id: receipt.deploymentId,
    release,
    revision,
    state: "in-progress",
    desiredCount: receipt.desiredCount,
    runningCount: 0,
    pendingCount: 0,
  };
  return [ours, ...seen.map((one) => ({ ...one, desiredCount: 0 }))];
}
