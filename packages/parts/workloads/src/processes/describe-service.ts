// One service as it is: the desired state, what the supervisor observed, and what /proc says right now.
import { UnknownService } from "../errors.ts";
import { lastLines } from "../logs/last-lines.ts";
import type { DeploymentStatus, InstanceStatus, WorkloadStatus } from "../port.ts";
import { findSupervisor } from "./find-supervisor.ts";
import { listServices } from "./list-services.ts";
import { findMarkedProcesses, stateDirDigest } from "./marked-processes.ts";
import { isAlive } from "./process-identity.ts";
import { revisionOf } from "./released-spec.ts";
import {
  logFile,
  readDesired,
  readObserved,
  type Desired,
  type Observed,
  type ObservedInstance,
} from "./state-files.ts";

const LAST_LINES = 5;

/** Reads the service's files and verifies every pid. Throws UnknownService or StateUnreadable. */
export function describeService(stateDir: string, service: string): WorkloadStatus {
  const desired = readDesired(stateDir, service);
  if (desired === undefined) throw new UnknownService({ service, known: listServices(stateDir) });
  const supervisor = findSupervisor(stateDir);
  const observed = readObserved(stateDir, service);
  const instances = (observed?.instances ?? []).map((one) => seenNow(one, supervisor !== undefined));
  const unrecorded = supervisor === undefined ? countUnrecorded(stateDir, service, instances) : 0;
  const isAcknowledged = supervisor === undefined || observed?.revision === desired.revision;
  const counts = countsOf(instances);
  return {
    service,
    release: desired.release,
    revision: revisionOf(desired),
    desiredCount: desired.desiredCount,
    runningCount: counts.runningCount + unrecorded,
    // A supervisor that has not read the newest update may still be starting something on the strength of the former one.
    pendingCount: isAcknowledged ? counts.pendingCount : Math.max(1, counts.pendingCount),
    tags: desired.tags,
    deployments: deploymentsOf(desired, observed, instances),
    instances: instances.map((one) => instanceStatus(stateDir, service, one)),
    controller:
      supervisor === undefined
        ? {
            alive: false,
            detail: "No supervisor is alive: nothing is started, restarted or stopped until `tidegate up`.",
          }
        : { alive: true, detail: `supervisor, process ${supervisor.pid}` },
  };
}

/** As `describeService`, of several. Throws UnknownService naming all that are missing. */
export function describeServices(stateDir: string, services: readonly string[]): ReadonlyMap<string, WorkloadStatus> {
  const missing = services.filter((service) => readDesired(stateDir, service) === undefined);
  if (missing.length > 0) throw new UnknownService({ service: missing, known: listServices(stateDir) });
  return new Map(services.map((service) => [service, describeService(stateDir, service)]));
}

interface Seen extends Omit<ObservedInstance, "state"> {
  readonly state: InstanceStatus["state"];
}

/** A recorded process that is gone has exited, whatever the record says; only a stop under way may still have processes of its group. */
function seenNow(instance: ObservedInstance, isSupervised: boolean): Seen {
  const isLive = instance.state === "starting" || instance.state === "running" || instance.state === "stopping";
  if (!isLive || (instance.process !== null && isAlive(instance.process))) return instance;
  if (isSupervised && (instance.state === "stopping" || instance.process === null)) return instance;
  return { ...instance, state: "exited", health: "unknown" };
}

/** Without a supervisor: processes with our mark that no record shows alive (killed between a start and its record, or left by a dead one). */
function countUnrecorded(stateDir: string, service: string, instances: readonly Seen[]): number {
  const shown = new Set(
    instances.filter((one) => one.state !== "exited" && one.process !== null).map((one) => one.spawnId),
  );
  const marked = findMarkedProcesses(stateDirDigest(stateDir));
  return new Set(marked.filter((one) => one.service === service && !shown.has(one.spawnId)).map((one) => one.spawnId))
    .size;
}

function countsOf(instances: readonly Seen[]): { runningCount: number; pendingCount: number } {
  return {
    runningCount: instances.filter((one) => one.state === "running" || one.state === "stopping").length,
    pendingCount: instances.filter((one) => one.state === "starting").length,
  };
}

function deploymentsOf(
  desired: Desired,
  observed: Observed | undefined,
  instances: readonly Seen[],
): DeploymentStatus[] {
  const isAcknowledged = observed?.revision === desired.revision;
  const known = observed?.deployments ?? [];
  const newest = known.find((one) => one.id === desired.deploymentId);
  const state = isAcknowledged ? (newest?.state ?? "in-progress") : "in-progress";
  const of = (id: string) => countsOf(instances.filter((one) => one.deploymentId === id));
  return [
    {
      id: desired.deploymentId,
      release: desired.release,
      revision: revisionOf(desired).id,
      state,
      ...(state === "failed" && newest?.reason !== undefined ? { reason: newest.reason } : {}),
      desiredCount: desired.desiredCount,
      ...of(desired.deploymentId),
    },
    ...known
      .filter((one) => one.id !== desired.deploymentId)
      .filter((one) => instances.some((instance) => instance.deploymentId === one.id && instance.process !== null))
      .map(({ reason, ...one }) => ({
        ...one,
        revision: revisionIdOf(one, instances),
        ...(reason === undefined ? {} : { reason }),
        desiredCount: 0,
        ...of(one.id),
      })),
  ];
}

/** Of an older deployment only its instances still know what they were started from. */
function revisionIdOf(
  deployment: { readonly id: string; readonly release: string },
  instances: readonly Seen[],
): string {
  const specDigest = instances.find((one) => one.deploymentId === deployment.id)?.specDigest ?? "";
  return revisionOf({ release: deployment.release, specDigest }).id;
}

function instanceStatus(stateDir: string, service: string, seen: Seen): InstanceStatus {
  const isWell = seen.state === "running" || seen.state === "stopping";
  const lines = isWell ? [] : lastLines(logFile(stateDir, service, seen.index), LAST_LINES);
  const hasProcess = seen.process !== null && seen.state !== "exited";
  return {
    id: seen.spawnId,
    index: seen.index,
    release: seen.release,
    state: seen.state,
    health: seen.health,
    restarts: seen.restarts,
    ...(hasProcess && seen.process !== null ? { pid: seen.process.pid } : {}),
    ...(seen.care.address === undefined ? {} : { address: seen.care.address }),
    ...(seen.startedAt === undefined ? {} : { startedAt: seen.startedAt }),
    ...(seen.lastExit === undefined ? {} : { lastExit: seen.lastExit }),
    ...(seen.reason === undefined ? {} : { reason: seen.reason }),
    ...(lines.length === 0 ? {} : { lastLines: lines }),
  };
}
