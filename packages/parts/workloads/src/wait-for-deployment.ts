// Waiting for a deployment's verdict, over any adapter.
import { TimedOut, systemClock, type Clock } from "@tidegate/kernel";
import { DeploymentFailed, DeploymentSuperseded } from "./errors.ts";
import type { Workloads, WorkloadStatus } from "./port.ts";

export interface WaitForWorkload {
  readonly service: string;
  readonly limitMs: number;
  /** Default 200; against an API with rate limits give seconds. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
  /** Default the system's. */
  readonly clock?: Clock;
  /** Called with each look, for progress. */
  readonly onStatus?: (status: WorkloadStatus) => void;
}

/**
 * Resolves when the deployment is completed and the desired count runs. Throws DeploymentFailed, DeploymentSuperseded when
 * another one took its place, TimedOut with what was seen last.
 */
export async function waitForDeployment(
  workloads: Workloads,
  options: WaitForWorkload & { readonly deploymentId: string },
): Promise<WorkloadStatus> {
  const { service, deploymentId } = options;
  return waitForStatus(workloads, options, `Deployment ${deploymentId} of "${service}" completing`, (status) =>
    hasCompleted(status, deploymentId),
  );
}

/** The verdict on one deployment, of a status that was seen. Throws DeploymentFailed, DeploymentSuperseded. */
export function hasCompleted(status: WorkloadStatus, deploymentId: string): boolean {
  const { service } = status;
  const [newest] = status.deployments;
  if (newest?.rollbackOf?.id === deploymentId)
    throw new DeploymentFailed({
      service,
      deploymentId,
      reason: newest.rollbackOf.reason,
      rolledBackTo: newest.release,
    });
  if (newest !== undefined && newest.id !== deploymentId)
    throw new DeploymentSuperseded({ service, deploymentId, by: newest.id });
  if (newest?.state === "failed")
    throw new DeploymentFailed({
      service,
      deploymentId,
      release: newest.release,
      reason: newest.reason ?? "no reason was given",
    });
  return newest?.state === "completed" && status.runningCount === status.desiredCount && status.pendingCount === 0;
}

/** Resolves when no instance is left: running and pending are 0, and 0 are desired. Throws TimedOut with what was seen last. */
export async function waitForDrained(workloads: Workloads, options: WaitForWorkload): Promise<WorkloadStatus> {
  return waitForStatus(
    workloads,
    options,
    `The drain of "${options.service}"`,
    (status) => status.desiredCount === 0 && status.runningCount === 0 && status.pendingCount === 0,
  );
}

async function waitForStatus(
  workloads: Workloads,
  options: WaitForWorkload,
  what: string,
  isReached: (status: WorkloadStatus) => boolean,
): Promise<WorkloadStatus> {
  const clock = options.clock ?? systemClock;
  const startMs = clock.monotonicMs();
  for (;;) {
    const status = await workloads.describe(options.service);
    options.onStatus?.(status);
    if (isReached(status)) return status;
    if (clock.monotonicMs() - startMs >= options.limitMs)
      throw new TimedOut({ what, limitMs: options.limitMs, remedy: remedyFor(status), details: { status } });
    await clock.sleep(options.everyMs ?? 200, options.signal);
  }
}

function remedyFor(status: WorkloadStatus): string {
  const { desiredCount, runningCount, pendingCount, controller } = status;
  const seen = `Seen last: ${desiredCount} desired, ${runningCount} running, ${pendingCount} pending.`;
  if (!controller.alive) return `${seen} ${controller.detail}`;
  const reason = status.instances.find((one) => one.reason !== undefined)?.reason;
  return `${seen} ${reason === undefined ? "" : `${reason}. `}Read \`tidegate logs ${status.service}\`.`;
}
