// The control half of the engine's port: what starts, watches and steers runs.
import type { AnyOperation } from "../operation/operation.ts";
import type { Plan } from "../plan/plan.ts";
import type { EngineEvent } from "../events/engine-event.ts";
import type { RunDetail, RunFilter, RunPage, StoredEvent } from "../projection/run.ts";
import type { LockView } from "./lock-view.ts";
import type { Schedules } from "../schedules/schedule.ts";

export interface PlanOptions {
  /** Who asks, for the record: a token's name, `lambda:FUNCTION`. */
  readonly by: string;
  readonly signal?: AbortSignal;
}

export interface StartOptions {
  readonly by: string;
  /** Why, for people who find the lock held. */
  readonly reason?: string;
  /** The same key starts nothing twice. See `keyScope`. */
  readonly key?: string;
  /**
   * - "forever" (default): one run per operation and key, whatever became of it. The same key with another input is refused (StartKeyReused).
   * - "unfinished": attaches to the newest run of this key while it is unfinished; afterwards the key starts a new one.
   */
  readonly keyScope?: "forever" | "unfinished";
  /** Beside `key`: what was started for this request is attached to for ever, whatever the key's scope. For callers that repeat a request. */
  readonly requestId?: string;
  /** How long the run may wait for its lock; 0 refuses at once (LockHeld). Default 0. */
  readonly lockWaitMs?: number;
  /** Consent to a plan that destroys: the plan's target as a person typed it, or BY_CONTRACT. */
  readonly confirm?: string | typeof BY_CONTRACT;
  /** Ends the observing before the run; a run that has begun goes on. */
  readonly signal?: AbortSignal;
}

/** The consent of a program whose own contract says what its call destroys: a handler's event, a schedule that an admin set. */
export const BY_CONTRACT: unique symbol = Symbol("by contract");

export interface Started {
  readonly runId: string;
  /** False when a key led to a run that was there already. */
  readonly isNew: boolean;
}

export type RunOutcome =
  | { readonly state: "succeeded"; readonly result: unknown }
  | { readonly state: "failed"; readonly error: Error }
  | { readonly state: "cancelled" };

export interface SteerOptions {
  readonly by: string;
}

export type Capability = "list" | "signal" | "cancel" | "retry" | "lock" | "schedule" | "takeover";

export interface Engine {
  readonly capabilities: ReadonlySet<Capability>;
  readonly operations: readonly AnyOperation[];

  /** Validates, observes, plans, stores. Throws InputInvalid, OperationUnknown, ObservationFailed. */
  plan(operation: string, input: unknown, options: PlanOptions): Promise<Plan>;
  /** Throws PlanUnknown. */
  getPlan(id: string): Promise<Plan>;
  /** Observes again; throws PlanStale with what changed, ConfirmationMissing, LockHeld, StartKeyReused. */
  apply(planId: string, options: StartOptions): Promise<Started>;
  /** `plan` and `apply` in one. */
  start(operation: string, input: unknown, options: StartOptions): Promise<Started>;

  /** Waits for the end of a run, at most `timeoutMs`; "unfinished" then. Throws RunUnknown. */
  wait(
    runId: string,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<RunOutcome | "unfinished">;
  /** Throws RunUnknown, RunEnded, SignalRefused. Kept until the run waits for it. */
  signal(runId: string, name: string, value: unknown, options: SteerOptions): Promise<void>;
  /** Answers the approval that the run waits for now; `name` where it could be more than one. Throws NothingToApprove. */
  approve(
    runId: string,
    answer: { readonly name?: string; readonly approved: boolean; readonly comment?: string },
    options: SteerOptions,
  ): Promise<void>;
  /** Asks the run to end: the step in flight is aborted, finished steps are compensated. Throws RunUnknown, RunEnded. */
  cancel(runId: string, options: SteerOptions & { readonly reason?: string }): Promise<void>;
  /** Runs an ended, not succeeded run again from this step; what came before keeps its results. Throws StepUnknown, RunNotRetryable. */
  retryFrom(
    runId: string,
    step: string | undefined,
    options: SteerOptions & { readonly lockWaitMs?: number },
  ): Promise<void>;

  list(filter: RunFilter): Promise<RunPage>;
  /** Throws RunUnknown. */
  get(runId: string): Promise<RunDetail>;
  /** Stored events of a run after `after` (0 for all), oldest first. */
  events(runId: string, after: bigint): Promise<readonly StoredEvent[]>;
  /** Calls back when new events of any executor are stored; returns how to stop. */
  onStored(runId: string, listener: () => void): () => void;
  /** Told about each event of this executor. */
  onEvent(listener: (event: EngineEvent) => void): () => void;
  locks(): Promise<readonly LockView[]>;
  readonly schedules: Schedules;
  /** Makes the projection anew from the engine's history; gives the number of runs. */
  rebuild(): Promise<number>;

  /** Stops taking runs, waits at most `drainMs` for steps in flight, lets go of the lock; unfinished runs go to other executors. */
  stop(options?: { readonly drainMs?: number }): Promise<void>;
}
