// Taking over what an earlier supervisor left: living instances are kept as they are, never started twice.
import type { MarkedProcess } from "../processes/marked-processes.ts";
import { isAlive, type ProcessIdentity } from "../processes/process-identity.ts";
import { readObserved, type Observed, type ObservedInstance } from "../processes/state-files.ts";
import type { SupervisorDeps } from "./deps.ts";
import { createProbe, createServiceRuntime, type ServiceRuntime, type Slot } from "./slot.ts";

/**
 * The runtime of a service as its record and /proc show it. `marked` are all processes with our mark: an instance that
 * was recorded as intended and never as started is looked for among them.
 */
export function adoptService(deps: SupervisorDeps, name: string, marked: readonly MarkedProcess[]): ServiceRuntime {
  const service = createServiceRuntime(name);
  const observed = readRecord(deps, name);
  if (observed === undefined) return service;
  service.deployments = observed.deployments;
  for (const instance of observed.instances) {
    const slot = adoptSlot(deps, instance, findProcess(instance, marked));
    service.slots.set(slot.index, slot);
    if (slot.process === undefined) continue;
    deps.emit({
      code: "instance.adopted",
      service: name,
      index: slot.index,
      release: slot.release,
      pid: slot.process.pid,
    });
  }
  // With instances missing the service is on its way again, whatever the verdict was.
  if ([...service.slots.values()].every((slot) => slot.phase === "running")) service.judgedRevision = observed.revision;
  return service;
}

/** A record that cannot be read is as none: its processes are found by their mark and stopped before others start. */
function readRecord(deps: SupervisorDeps, name: string): Observed | undefined {
  try {
    return readObserved(deps.stateDir, name);
  } catch (error) {
    deps.emit({ code: "service.troubled", service: name, error });
    return undefined;
  }
}

function findProcess(instance: ObservedInstance, marked: readonly MarkedProcess[]): ProcessIdentity | undefined {
  if (instance.process !== null) return isAlive(instance.process) ? instance.process : undefined;
  if (instance.state !== "starting") return undefined;
  return marked.find((one) => one.spawnId === instance.spawnId && one.isGroupLeader)?.identity;
}

function adoptSlot(deps: SupervisorDeps, instance: ObservedInstance, process: ProcessIdentity | undefined): Slot {
  const { index, spawnId, release, specDigest, deploymentId, care, restarts, failures } = instance;
  const wasRunning = instance.state === "running";
  return {
    index,
    spawnId,
    release,
    specDigest,
    deploymentId,
    care,
    restarts,
    failures,
    phase: process === undefined ? "idle" : wasRunning ? "running" : "starting",
    ...(process === undefined ? {} : { process }),
    ...(instance.startedAt === undefined ? {} : { startedAt: instance.startedAt }),
    ...(instance.lastExit === undefined ? {} : { lastExit: instance.lastExit }),
    ...(instance.reason === undefined ? {} : { reason: instance.reason }),
    startedMs: deps.clock.monotonicMs(),
    probe: { ...createProbe(), hasPassed: wasRunning },
    notBeforeMs: 0,
  };
}
