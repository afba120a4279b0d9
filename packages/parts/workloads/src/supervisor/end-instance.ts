// The end of an instance: asking it to stop, killing it at its limit, noticing that it is gone, and what that means.
import { findMarkedProcesses } from "../processes/marked-processes.ts";
import { isAlive, signalProcess } from "../processes/process-identity.ts";
import type { InstanceExit } from "../port.ts";
import type { SupervisorDeps } from "./deps.ts";
import type { StopReason } from "./events.ts";
import type { ServiceRuntime, Slot } from "./slot.ts";
import { restartPauseMs } from "./timing.ts";

/** SIGKILL is sent again this long after the last; a process in an uninterruptible wait takes it when it wakes. */
const KILL_AGAIN_MS = 1_000;

/** Asks the instance to stop; settleIfGone notices when it has. */
export function stopInstance(deps: SupervisorDeps, service: ServiceRuntime, slot: Slot, reason: StopReason): void {
  const limitMs = slot.care.drainLimitMs;
  slot.phase = "stopping";
  slot.stop = { reason, deadlineMs: deps.clock.monotonicMs() + limitMs };
  deps.emit({ code: "instance.stopping", ...about(service, slot), reason, limitMs });
  // Only the main process is asked: what it started is its own to end, as in a container. At the limit all are killed.
  if (slot.process !== undefined) signalProcess(slot.process, slot.care.stopSignal);
}

/** Kills a stopping instance that is past its limit, with its whole process group. */
export function killIfOverdue(deps: SupervisorDeps, service: ServiceRuntime, slot: Slot): void {
  const nowMs = deps.clock.monotonicMs();
  if (slot.stop === undefined || slot.process === undefined || nowMs < slot.stop.deadlineMs) return;
  const { killedMs } = slot.stop;
  if (killedMs !== undefined && nowMs - killedMs < KILL_AGAIN_MS) return;
  if (killedMs === undefined) {
    const reason = `it did not end within ${slot.care.drainLimitMs} ms`;
    deps.emit({ code: "instance.killed", ...about(service, slot), reason });
  }
  slot.stop.killedMs = nowMs;
  signalProcess(slot.process, "SIGKILL", true);
}

/** Notices that the main process ended, kills what it left behind, and once nothing is left settles the slot. */
export function settleIfGone(deps: SupervisorDeps, service: ServiceRuntime, slot: Slot): void {
  if (slot.phase === "idle" || !hasEnded(slot)) return;
  const left = findMarkedProcesses(deps.digest).filter((one) => one.spawnId === slot.spawnId);
  if (left.length === 0) {
    settle(deps, service, slot);
    return;
  }
  if (slot.phase !== "stopping") {
    const reason = `its main process ended and left ${left.length} more behind`;
    deps.emit({ code: "instance.killed", ...about(service, slot), reason });
    slot.phase = "stopping";
  }
  for (const one of left) signalProcess(one.identity, "SIGKILL");
}

/** Counts a failure of the instance and decides when it is tried again. */
export function recordFailure(deps: SupervisorDeps, service: ServiceRuntime, slot: Slot, reason: string): void {
  slot.failures++;
  const waitMs = restartPauseMs(slot.failures, deps.timing);
  slot.phase = "idle";
  slot.reason = reason;
  slot.notBeforeMs = deps.clock.monotonicMs() + waitMs;
  deps.emit({ code: "instance.backing-off", ...about(service, slot), reason, failures: slot.failures, waitMs });
}

export function about(service: ServiceRuntime, slot: Slot): { service: string; index: number; release: string } {
  return { service: service.name, index: slot.index, release: slot.release };
}

/** Our own child tells us; an adopted process must be looked up, by its identity. */
function hasEnded(slot: Slot): boolean {
  if (slot.ended !== undefined) return true;
  if (slot.child !== undefined) return false;
  return slot.process === undefined || !isAlive(slot.process);
}

function settle(deps: SupervisorDeps, service: ServiceRuntime, slot: Slot): void {
  const { stop, ended } = slot;
  const exit = { code: ended?.code ?? null, signal: ended?.signal ?? null, at: deps.clock.now().toISOString() };
  if (slot.process !== undefined) slot.lastExit = exit;
  slot.phase = "idle";
  for (const field of ["process", "child", "ended", "stop", "healthySinceMs"] as const) delete slot[field];
  if (stop === undefined) {
    const reason = ended?.reason ?? describeExit(slot.index, exit);
    deps.emit({ code: "instance.exited", ...about(service, slot), exit });
    recordFailure(deps, service, slot, reason);
    return;
  }
  deps.emit({ code: "instance.stopped", ...about(service, slot), reason: stop.reason, exit });
  switch (stop.reason) {
    case "unhealthy":
      recordFailure(deps, service, slot, slot.reason ?? "it was unhealthy");
      break;
    case "replaced":
      slot.failures = 0;
      break;
    case "scaled-down":
    case "shutdown":
      service.slots.delete(slot.index);
      break;
  }
}

function describeExit(index: number, exit: InstanceExit): string {
  if (exit.signal !== null) return `instance ${index} was ended by ${exit.signal}`;
  if (exit.code !== null) return `instance ${index} ended with exit code ${exit.code}`;
  return `instance ${index} ended (nobody saw how: it was started by an earlier supervisor)`;
}
