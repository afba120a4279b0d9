// Starting one instance so that it outlives us and can be found again, whenever we are killed.
//
// 1. record the intent: spawn id, no process      2. spawn, detached, with the mark, output straight into its log
// 3. record pid and start time                    A kill between 1 and 3 leaves a process that adoptService finds by its mark.
import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { describeError } from "@tidegate/kernel";
import { planInstance, type InstancePlan } from "../processes/instance-plan.ts";
import { MARK_NAME, markValue } from "../processes/marked-processes.ts";
import { identityOf } from "../processes/process-identity.ts";
import { logFile, logsDir, type Desired } from "../processes/state-files.ts";
import type { SupervisorDeps } from "./deps.ts";
import { recordFailure } from "./end-instance.ts";
import { createProbe, createSlot, type ServiceRuntime, type Slot } from "./slot.ts";
import { isPortTaken } from "./taken-port.ts";
import { writeObserved } from "./write-observed.ts";

/** Starts the desired instance in its slot, which must be idle. What keeps it from starting counts as its failure. */
export function startInstance(deps: SupervisorDeps, service: ServiceRuntime, desired: Desired, index: number): void {
  const plan = planInstance(desired.spec, desired.releaseDir, index);
  const slot = prepareSlot(service, desired, index, plan);
  const obstacle = findObstacle(plan);
  if (obstacle !== undefined) {
    recordFailure(deps, service, slot, obstacle);
    return;
  }
  const isRestart = slot.startedAt !== undefined;
  slot.phase = "starting";
  slot.spawnId = randomUUID();
  slot.startedAt = deps.clock.now().toISOString();
  slot.startedMs = deps.clock.monotonicMs();
  // What it waited for is over; what it failed of last time is worth knowing until it is healthy.
  if (slot.failures === 0) delete slot.reason;
  try {
    writeObserved(deps, service);
  } catch (error) {
    // Without the intent on record nothing may be started.
    slot.phase = "idle";
    throw error;
  }
  let child: ChildProcess;
  try {
    child = spawnInstance(deps, service, slot, plan);
  } catch (error) {
    recordFailure(deps, service, slot, `it cannot be started: ${describeError(error)}`);
    return;
  }
  slot.child = child;
  if (isRestart) slot.restarts++;
  watchEnd(deps, slot, child);
  const identity = child.pid === undefined ? undefined : identityOf(child.pid);
  if (identity === undefined) return;
  slot.process = identity;
  deps.emit({
    code: "instance.started",
    service: service.name,
    index,
    release: slot.release,
    pid: identity.pid,
    restarts: slot.restarts,
  });
  writeObserved(deps, service);
}

/** The slot, made new when it last ran something else: failures of another release say nothing about this one. */
function prepareSlot(service: ServiceRuntime, desired: Desired, index: number, plan: InstancePlan): Slot {
  const former = service.slots.get(index);
  if (former !== undefined && former.specDigest === desired.specDigest) {
    former.deploymentId = desired.deploymentId;
    former.care = plan.care;
    former.probe = createProbe();
    return former;
  }
  const slot = createSlot(desired, index, plan.care);
  service.slots.set(index, slot);
  return slot;
}

function findObstacle(plan: InstancePlan): string | undefined {
  if (!existsSync(plan.cwd)) return `its folder ${plan.cwd} is not there`;
  if (plan.port !== undefined && isPortTaken(plan.port)) return `another program already listens on port ${plan.port}`;
  return undefined;
}

function spawnInstance(deps: SupervisorDeps, service: ServiceRuntime, slot: Slot, plan: InstancePlan): ChildProcess {
  mkdirSync(logsDir(deps.stateDir, service.name), { recursive: true });
  // O_APPEND: after a rotation has emptied the file, the next line goes to its new end.
  const log = openSync(logFile(deps.stateDir, service.name, slot.index), "a", 0o600);
  try {
    const child = spawn(plan.program, plan.args, {
      cwd: plan.cwd,
      env: {
        ...deps.baseEnv,
        ...plan.env,
        [MARK_NAME]: markValue(deps.digest, { service: service.name, index: slot.index, spawnId: slot.spawnId }),
      },
      detached: true,
      stdio: ["ignore", log, log],
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function watchEnd(deps: SupervisorDeps, slot: Slot, child: ChildProcess): void {
  const end = (ended: NonNullable<Slot["ended"]>): void => {
    if (slot.child !== child) return;
    slot.ended ??= ended;
    deps.wake();
  };
  child.on("exit", (code, signal) => end({ code, signal }));
  child.on("error", (error) => end({ code: null, signal: null, reason: error.message }));
}
