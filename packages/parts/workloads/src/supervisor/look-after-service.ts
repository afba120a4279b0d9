// One round for one service, from top to bottom without a pause: nothing else of this process comes in between.
import { rotateLog } from "../logs/rotate-log.ts";
import { logFile, type Desired } from "../processes/state-files.ts";
import { checkHealth } from "./check-health.ts";
import { decideChanges, type Change, type ServiceView } from "./decide-changes.ts";
import type { SupervisorDeps } from "./deps.ts";
import { killIfOverdue, settleIfGone, stopInstance } from "./end-instance.ts";
import { judgeDeployment } from "./judge-deployment.ts";
import { noteWaiting } from "./note-waiting.ts";
import type { ServiceRuntime } from "./slot.ts";
import { startInstance } from "./start-instance.ts";
import { writeObserved } from "./write-observed.ts";

export interface Turn {
  readonly mode: ServiceView["mode"];
  /** Why nothing may be started now, in a sentence; undefined when it may. */
  readonly obstacle: string | undefined;
}

/** Looks at what is, changes what must change and records it. Throws what kept it from doing so; the next round tries again. */
export function lookAfterService(deps: SupervisorDeps, service: ServiceRuntime, turn: Turn): void {
  for (const slot of service.slots.values()) {
    settleIfGone(deps, service, slot);
    checkHealth(deps, service, slot);
    killIfOverdue(deps, service, slot);
  }
  if (turn.mode === "run" && turn.obstacle !== undefined && service.desired !== undefined)
    noteWaiting(service, service.desired, turn.obstacle);
  for (const change of decideChanges(viewOf(deps, service, turn))) apply(deps, service, change);
  if (turn.mode === "run" && service.desired !== undefined) judge(deps, service, service.desired);
  rotateLogsIfDue(deps, service);
  writeObserved(deps, service);
}

function viewOf(deps: SupervisorDeps, service: ServiceRuntime, turn: Turn): ServiceView {
  const { desired } = service;
  const nowMs = deps.clock.monotonicMs();
  const slots = [...service.slots.values()].map((slot) => ({
    index: slot.index,
    phase: slot.phase,
    isCurrent: slot.specDigest === desired?.specDigest,
    isDue: slot.notBeforeMs <= nowMs,
  }));
  // What should be is not known: what lives is left alone until it is, or until all is stopped.
  const mode = desired === undefined && turn.mode === "run" ? "hold" : turn.mode;
  return { desiredCount: desired?.desiredCount ?? 0, slots, mode, mayStart: turn.obstacle === undefined };
}

function apply(deps: SupervisorDeps, service: ServiceRuntime, change: Change): void {
  const slot = service.slots.get(change.index);
  switch (change.kind) {
    case "start":
      if (service.desired !== undefined) startInstance(deps, service, service.desired, change.index);
      break;
    case "stop":
      if (slot !== undefined) stopInstance(deps, service, slot, change.reason);
      break;
    case "drop":
      service.slots.delete(change.index);
      break;
  }
}

function judge(deps: SupervisorDeps, service: ServiceRuntime, desired: Desired): void {
  const slots = [...service.slots.values()];
  // An instance that already runs what the new deployment wants (a way back to its release) belongs to the new one.
  for (const slot of slots) if (slot.specDigest === desired.specDigest) slot.deploymentId = desired.deploymentId;
  const newest = service.deployments.find((one) => one.id === desired.deploymentId);
  const verdict = judgeDeployment({
    id: desired.deploymentId,
    release: desired.release,
    desiredCount: desired.desiredCount,
    former: service.judgedRevision === desired.revision ? newest : undefined,
    slots: slots.map(({ index, phase, failures, specDigest, reason }) => ({
      index,
      phase,
      failures,
      reason,
      isCurrent: specDigest === desired.specDigest,
    })),
    failuresToFailed: deps.timing.failuresToFailed,
  });
  const about = { service: service.name, deploymentId: verdict.id, release: verdict.release };
  if (newest === undefined) deps.emit({ code: "deployment.started", ...about, desiredCount: desired.desiredCount });
  if (verdict.state !== newest?.state && verdict.state === "completed")
    deps.emit({ code: "deployment.completed", ...about });
  if (verdict.state !== newest?.state && verdict.state === "failed")
    deps.emit({ code: "deployment.failed", ...about, reason: verdict.reason ?? "" });
  const older = service.deployments.filter(
    (one) => one.id !== verdict.id && slots.some((slot) => slot.deploymentId === one.id && slot.phase !== "idle"),
  );
  service.deployments = [verdict, ...older];
  service.judgedRevision = desired.revision;
}

function rotateLogsIfDue(deps: SupervisorDeps, service: ServiceRuntime): void {
  const nowMs = deps.clock.monotonicMs();
  if (nowMs < service.nextLogCheckMs) return;
  service.nextLogCheckMs = nowMs + deps.timing.logCheckMs;
  for (const { index } of service.slots.values()) {
    const bytes = rotateLog(logFile(deps.stateDir, service.name, index), deps.logLimits);
    if (bytes > 0) deps.emit({ code: "log.rotated", service: service.name, index, bytes });
  }
}
