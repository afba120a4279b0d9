// One place of a service, its index fixed: what runs in it now and what became of what ran in it before.
import type { ChildProcess } from "node:child_process";
import type { Care } from "../processes/instance-plan.ts";
import type { ProcessIdentity } from "../processes/process-identity.ts";
import type { Desired, ObservedDeployment, ObservedInstance } from "../processes/state-files.ts";
import type { InstanceExit } from "../port.ts";
import type { StopReason } from "./events.ts";

/** "idle" holds no process. "stopping" holds one until nothing of it is left. */
export type Phase = "idle" | "starting" | "running" | "stopping";

/** Mutable: the supervisor's memory of one instance. Times in milliseconds are the clock's monotonic ones. */
export interface Slot {
  readonly index: number;
  phase: Phase;
  spawnId: string;
  process?: ProcessIdentity;
  /** Only while it is our own child; an adopted process is watched through /proc. */
  child?: ChildProcess;
  /** Set by the child's own end. */
  ended?: { readonly code: number | null; readonly signal: string | null; readonly reason?: string };
  release: string;
  specDigest: string;
  deploymentId: string;
  care: Care;
  startedAt?: string;
  startedMs: number;
  /** Since when it has been healthy without a break. */
  healthySinceMs?: number;
  probe: Probe;
  stop?: { readonly reason: StopReason; readonly deadlineMs: number; killedMs?: number };
  /** In a row, without 60 s of health between them. */
  failures: number;
  restarts: number;
  /** Not started before. */
  notBeforeMs: number;
  lastExit?: InstanceExit;
  reason?: string;
}

/** Mutable: the health checks of one run of an instance. */
export interface Probe {
  isUnderWay: boolean;
  nextMs: number;
  hasPassed: boolean;
  /** In a row. */
  failures: number;
  lastFailure?: string;
}

/** Mutable: the supervisor's memory of one service. */
export interface ServiceRuntime {
  readonly name: string;
  desired?: Desired;
  /** Inode and modification time of the desired.json that was read last. */
  desiredStamp?: string;
  readonly slots: Map<number, Slot>;
  /** The revision that the verdict on the newest deployment is about. */
  judgedRevision?: number;
  /** The newest first. */
  deployments: ObservedDeployment[];
  /** What observed.json holds, to write it only when it would change. */
  observedText?: string;
  nextLogCheckMs: number;
  lastTrouble?: string;
}

export function createServiceRuntime(name: string): ServiceRuntime {
  return { name, slots: new Map(), deployments: [], nextLogCheckMs: 0 };
}

/** An empty place for the desired state's instance `index`. */
export function createSlot(desired: Desired, index: number, care: Care): Slot {
  return {
    index,
    phase: "idle",
    spawnId: "",
    release: desired.release,
    specDigest: desired.specDigest,
    deploymentId: desired.deploymentId,
    care,
    startedMs: 0,
    probe: createProbe(),
    failures: 0,
    restarts: 0,
    notBeforeMs: 0,
  };
}

export function createProbe(): Probe {
  return { isUnderWay: false, nextMs: 0, hasPassed: false, failures: 0 };
}

/** A slot as it is recorded. */
export function observeSlot(slot: Slot, nowMs: number): ObservedInstance {
  return {
    index: slot.index,
    spawnId: slot.spawnId,
    process: slot.process ?? null,
    state: slot.phase === "idle" ? (slot.notBeforeMs > nowMs ? "backing-off" : "waiting") : slot.phase,
    health: healthOf(slot),
    release: slot.release,
    specDigest: slot.specDigest,
    deploymentId: slot.deploymentId,
    care: slot.care,
    restarts: slot.restarts,
    failures: slot.failures,
    ...(slot.startedAt === undefined ? {} : { startedAt: slot.startedAt }),
    ...(slot.lastExit === undefined ? {} : { lastExit: slot.lastExit }),
    ...(slot.reason === undefined ? {} : { reason: slot.reason }),
  };
}

function healthOf(slot: Slot): ObservedInstance["health"] {
  if (slot.stop?.reason === "unhealthy") return "unhealthy";
  return slot.phase === "running" ? (slot.probe.failures > 0 ? "unhealthy" : "healthy") : "unknown";
}
