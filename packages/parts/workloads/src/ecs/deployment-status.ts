// Where ECS's deployments stand: its own verdict, and ours on what its circuit breaker does not see.
import type { Deployment, Service, Task } from "@aws-sdk/client-ecs";
import type { DeploymentState, DeploymentStatus, Revision } from "../port.ts";
import { countTasks } from "./instances.ts";

/** Threshold of ECS's circuit breaker: half the desired count, at least 3, at most 200 (API_DeploymentCircuitBreaker). */
function failureLimit(desiredCount: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desiredCount / 2)));
}

/** The PRIMARY one first, then the newest. `tasks`: undefined where they cannot be seen. */
export function deploymentsOf(
  service: Service,
  tasks: readonly Task[] | undefined,
  revisionOf: (arn: string) => Revision,
): DeploymentStatus[] {
  const all = [...(service.deployments ?? [])].sort(primaryThenNewest);
  return all.map((one) => {
    const own = tasks?.filter((task) => task.startedBy === one.id);
    const counts = countTasks(own, { running: one.runningCount ?? 0, pending: one.pendingCount ?? 0 });
    const verdict = verdictOn(service, one, all.length, own);
    const revision = revisionOf(one.taskDefinition ?? "");
    const rollbackOf = one.status === "PRIMARY" ? rollbackBy(service, one) : undefined;
    return {
      id: one.id ?? "",
      release: revision.release,
      revision: revision.id,
      ...verdict,
      desiredCount: one.status === "PRIMARY" ? (one.desiredCount ?? 0) : 0,
      ...counts,
      ...(rollbackOf === undefined ? {} : { rollbackOf }),
    };
  });
}

function verdictOn(
  service: Service,
  one: Deployment,
  deployments: number,
  tasks: readonly Task[] | undefined,
): { state: DeploymentState; reason?: string } {
  if (one.rolloutState === "FAILED") return { state: "failed", reason: sentence(one.rolloutStateReason) };
  const isFull = (one.runningCount ?? 0) === (one.desiredCount ?? 0) && (one.pendingCount ?? 0) === 0;
  // A service behind a Classic Load Balancer has no rolloutState.
  const isDone = one.rolloutState === undefined ? deployments === 1 : one.rolloutState === "COMPLETED";
  if (isDone && (isFull || one.status !== "PRIMARY")) return { state: "completed" };
  const failure = one.rolloutState === "COMPLETED" ? undefined : unseenFailure(service, one, tasks);
  return failure === undefined ? { state: "in-progress" } : { state: "failed", reason: failure };
}

/**
 * Without a circuit breaker ECS tries for ever, and with one it does not count tasks that started and then ended by themselves
 * (containers-roadmap#1206). The same threshold is held against both here.
 */
function unseenFailure(service: Service, one: Deployment, tasks: readonly Task[] | undefined): string | undefined {
  const limit = failureLimit(one.desiredCount ?? 0);
  const hasBreaker = service.deploymentConfiguration?.deploymentCircuitBreaker?.enable === true;
  const exits = (tasks ?? []).filter((task) => task.stopCode === "EssentialContainerExited");
  const starts = hasBreaker ? 0 : (one.failedTasks ?? 0);
  if (exits.length < limit && starts < limit) return undefined;
  const last = newestStopped(exits.length >= limit ? exits : (tasks ?? []));
  const what =
    exits.length >= limit
      ? `${exits.length} of its tasks ended by themselves soon after they started`
      : `${starts} of its tasks failed to start`;
  const why = last === undefined ? "" : `; the last one: ${stopReason(last)}`;
  return `${what}${why}. ECS goes on trying`;
}

function newestStopped(tasks: readonly Task[]): Task | undefined {
  const stopped = tasks.filter((task) => task.stoppedReason !== undefined);
  return stopped.sort((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0))[0];
}

function stopReason(task: Task): string {
  const exited = task.containers?.find((one) => one.exitCode !== undefined && one.exitCode !== 0);
  const code = exited === undefined ? "" : ` (${exited.name ?? "a container"} ended with ${exited.exitCode ?? "?"})`;
  return `${sentence(task.stoppedReason)}${code}`;
}

/** How long after "rolling back to …" the deployment of a rollback may have been made, and before. */
const ROLLBACK_WINDOW_MS = 60_000;

/**
 * Which deployment the circuit breaker (or an alarm) gave up for this one. While it is under way the reason says so; afterwards
 * only the service's events do. The id that they name as the goal is that of the deployment that once completed, not this one's.
 */
function rollbackBy(service: Service, primary: Deployment): { id: string; reason: string } | undefined {
  const events = service.events ?? [];
  const madeAtMs = primary.createdAt?.getTime() ?? 0;
  const begun = events.findIndex(
    ({ message, createdAt }) =>
      /rolling back to deployment/i.test(message ?? "") &&
      Math.abs((createdAt?.getTime() ?? 0) - madeAtMs) <= ROLLBACK_WINDOW_MS,
  );
  const isUnderWay = /rolling back to deployment/i.test(primary.rolloutStateReason ?? "");
  if (begun === -1 && !isUnderWay) return undefined;
  // Events come newest first.
  for (const { message } of events.slice(Math.max(0, begun))) {
    const found = /\(deployment (\S+)\) deployment failed: (.*)$/.exec(message ?? "");
    if (found?.[1] !== undefined && found[1] !== primary.id) return { id: found[1], reason: sentence(found[2]) };
  }
  const failed = service.deployments?.find((one) => one.rolloutState === "FAILED");
  return failed?.id === undefined ? undefined : { id: failed.id, reason: sentence(failed.rolloutStateReason) };
}

function primaryThenNewest(a: Deployment, b: Deployment): number {
  if (a.status === "PRIMARY") return -1;
  if (b.status === "PRIMARY") return 1;
  return (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0);
}

function sentence(text: string | undefined): string {
  return text === undefined || text === "" ? "no reason was given" : text.trim().replace(/\.$/, "");
}
