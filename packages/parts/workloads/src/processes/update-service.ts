// Changing what should run: read, change and write desired.json under a lock, so that concurrent updates do not lose each other's.
import { randomUUID } from "node:crypto";
import { TimedOut, type Clock } from "@tidegate/kernel";
import { UnknownService, UpdateInvalid } from "../errors.ts";
import type { UpdateReceipt, WorkloadUpdate } from "../port.ts";
import { claimFolder } from "./claim.ts";
import { findSupervisor } from "./find-supervisor.ts";
import { listServices } from "./list-services.ts";
import { releasedSpec, revisionSpec, type Released } from "./released-spec.ts";
import { readDesired, updateLock, writeDesired, type Desired } from "./state-files.ts";

/** More instances than this on one machine is a slip of the finger. */
const MAX_INSTANCES = 100;
const LOCK_LIMIT_MS = 10_000;

export interface UpdateDeps {
  readonly stateDir: string;
  readonly releasesDir: string;
  readonly clock: Clock;
}

/** Records the change of an existing service. */
export async function updateService(deps: UpdateDeps, service: string, change: WorkloadUpdate): Promise<UpdateReceipt> {
  if (readDesired(deps.stateDir, service) === undefined)
    throw new UnknownService({ service, known: listServices(deps.stateDir) });
  checkCount(service, change.desiredCount);
  if (change.release !== undefined && change.revision !== undefined)
    throw new UpdateInvalid({ service, problem: "it names a release and a revision", remedy: "Name one of them." });
  return withUpdateLock(deps, service, () => {
    const before = readDesired(deps.stateDir, service);
    if (before === undefined) throw new UnknownService({ service, known: listServices(deps.stateDir) });
    const after = changed(before, change, wantedSpec(deps, before, change));
    if (after !== before) writeDesired(deps.stateDir, after);
    return receipt(deps.stateDir, after.deploymentId);
  });
}

/** Creates a service that is not there yet; one that is there stays as it is. */
export async function ensureService(
  deps: UpdateDeps,
  service: string,
  first: { readonly release: string; readonly desiredCount: number; readonly tags?: Readonly<Record<string, string>> },
): Promise<UpdateReceipt & { readonly isNew: boolean }> {
  checkCount(service, first.desiredCount);
  const present = readDesired(deps.stateDir, service);
  if (present !== undefined) return { ...receipt(deps.stateDir, present.deploymentId), isNew: false };
  const spec = releasedSpec(deps.releasesDir, service, first.release);
  return withUpdateLock(deps, service, () => {
    const present = readDesired(deps.stateDir, service);
    if (present !== undefined) return { ...receipt(deps.stateDir, present.deploymentId), isNew: false };
    const desired: Desired = {
      version: 1,
      service,
      revision: 1,
      ...spec,
      desiredCount: first.desiredCount,
      tags: { ...first.tags },
      deploymentId: newDeploymentId(),
    };
    writeDesired(deps.stateDir, desired);
    return { ...receipt(deps.stateDir, desired.deploymentId), isNew: true };
  });
}

function wantedSpec(deps: UpdateDeps, before: Desired, change: WorkloadUpdate): Released | undefined {
  if (change.release !== undefined) return releasedSpec(deps.releasesDir, before.service, change.release);
  return change.revision === undefined ? undefined : revisionSpec(deps.releasesDir, before, change.revision);
}

/** The desired state after a change; the same object when nothing changes. */
function changed(before: Desired, change: WorkloadUpdate, deployed: Released | undefined): Desired {
  const isNewDeployment = deployed !== undefined && deployed.specDigest !== before.specDigest;
  const desiredCount = change.desiredCount ?? before.desiredCount;
  const isNewCount = desiredCount !== before.desiredCount;
  const isNewTag = Object.entries(change.tags ?? {}).some(([name, value]) => before.tags[name] !== value);
  if (!isNewDeployment && !isNewCount && !isNewTag) return before;
  return {
    ...before,
    ...(isNewDeployment ? { ...onlyReleased(deployed), deploymentId: newDeploymentId() } : {}),
    desiredCount,
    tags: { ...before.tags, ...change.tags },
    // Tags change nothing that the supervisor would have to acknowledge.
    revision: before.revision + (isNewDeployment || isNewCount ? 1 : 0),
  };
}

/** A present desired state is also a Released, with more in it. */
function onlyReleased({ release, releaseDir, spec, specDigest }: Released): Released {
  return { release, releaseDir, spec, specDigest };
}

function receipt(stateDir: string, deploymentId: string): UpdateReceipt {
  if (findSupervisor(stateDir) !== undefined) return { deploymentId, isBeingApplied: true };
  return {
    deploymentId,
    isBeingApplied: false,
    note: "Recorded. No supervisor is alive, so nothing changes until the next `tidegate up`.",
  };
}

function checkCount(service: string, count: number | undefined): void {
  if (count === undefined || (Number.isInteger(count) && count >= 0 && count <= MAX_INSTANCES)) return;
  throw new UpdateInvalid({
    service,
    problem: `desiredCount is ${count}`,
    remedy: `Give a whole number from 0 to ${MAX_INSTANCES}.`,
  });
}

async function withUpdateLock<T>(deps: UpdateDeps, service: string, effect: () => T): Promise<T> {
  const claim = await claimFolder(updateLock(deps.stateDir, service), { limitMs: LOCK_LIMIT_MS, clock: deps.clock });
  if (!claim.isHeld)
    throw new TimedOut({
      what: `Another update of "${service}", by process ${claim.holder.pid}, ending`,
      limitMs: LOCK_LIMIT_MS,
      remedy: "Nothing was changed. Try again; if it stays, look at what that process is doing.",
    });
  try {
    return effect();
  } finally {
    claim.release();
  }
}

function newDeploymentId(): string {
  return `deployment-${randomUUID().slice(0, 13)}`;
}
