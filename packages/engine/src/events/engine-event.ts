// What an engine tells its host. Terminal, JSON, console, log and the projection are listeners; the engine never prints.
import type { Progress } from "../context/run-context.ts";

/** The data of each event, by its code. Plain JSON. */
export interface EventData {
  "run.created": { readonly operation: string; readonly version: number; readonly by: string };
  /** An executor began, or began again, to work on the run. */
  "run.executing": { readonly executor: string; readonly fence: number; readonly isResumed: boolean };
  "run.waiting-for-lock": {
    readonly lock: string;
    readonly holder: string;
    readonly holderRun: string;
    readonly until: string;
  };
  "run.lock-acquired": { readonly lock: string };
  "run.observed": { readonly digest: string };
  "run.progress": { readonly progress: Progress };
  "run.cancel-requested": { readonly by: string; readonly reason: string | null };
  "run.retried": { readonly by: string; readonly from: string };
  "run.succeeded": Record<string, never>;
  "run.failed": { readonly error: EventError };
  /** `told`: sentences on how everything was left. */
  "run.cancelled": { readonly undone: readonly string[]; readonly told: readonly string[] };
  "step.started": { readonly attempt: number; readonly kind: StepKind };
  "step.retrying": { readonly attempt: number; readonly waitMs: number; readonly error: EventError };
  "step.progress": { readonly progress: Progress };
  "step.succeeded": { readonly durationMs: number };
  "step.failed": { readonly durationMs: number; readonly error: EventError };
  "wait.started": {
    readonly kind: WaitKind;
    readonly name: string;
    readonly until: string;
    readonly question: string | null;
    /** JSON Schema of the values that are taken; null for any. */
    readonly schema: unknown;
  };
  "wait.ended": {
    readonly kind: WaitKind;
    readonly name: string;
    readonly outcome: "signal" | "elapsed" | "cancelled";
  };
  "signal.sent": { readonly name: string; readonly by: string };
  "executor.started": { readonly executor: string };
  /** This executor no longer holds its lock and ends. */
  "executor.lost": { readonly executor: string; readonly reason: string };
  "executor.took-over": { readonly from: string; readonly runs: readonly string[] };
  "schedule.fired": { readonly schedule: string; readonly tick: string };
  /** `hasOlder`: so many, and older ones that were not counted. */
  "schedule.skipped": { readonly schedule: string; readonly ticks: number; readonly hasOlder: boolean };
  "schedule.failed": { readonly schedule: string; readonly tick: string; readonly error: EventError };
  /** A background task of the engine failed and is tried again. */
  "engine.trouble": { readonly task: string; readonly error: EventError };
}

export type EventCode = keyof EventData;
export type StepKind = "step" | "sleep" | "signal" | "approval" | "child" | "undo";
export type WaitKind = "sleep" | "signal" | "approval";

export interface EventError {
  readonly code: string;
  readonly message: string;
  readonly remedy: string | null;
}

export type EngineEvent = {
  [C in EventCode]: {
    readonly code: C;
    readonly at: Date;
    /** Null for what concerns no run. */
    readonly runId: string | null;
    /** Name of the step or wait; null for what concerns the whole run. */
    readonly step: string | null;
    readonly data: EventData[C];
  };
}[EventCode];

/** Called in the order of events; must not throw and should return at once. */
export type EventListener = (event: EngineEvent) => void;
