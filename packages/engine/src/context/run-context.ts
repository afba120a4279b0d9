// The core half of the engine's port: what an operation's code may call. An adapter translates it; it owns no state machine.
import type { RetryPolicy } from "@tidegate/kernel";
import type { Queryable } from "@tidegate/postgres";
import type { z } from "zod";
import type { Operation } from "../operation/operation.ts";

export interface Progress {
  readonly done: number;
  /** Without it there is no ETA. */
  readonly total?: number;
  /** What is counted: "blocks", "rows". */
  readonly unit?: string;
  readonly message?: string;
}

/** Grows with each takeover of the run. An effect on a store of ours checks it in the transaction of the effect itself. */
export interface Fence {
  readonly token: number;
  /**
   * Throws FenceStale when another executor has taken the run over. Holds that off until the transaction of `client` ends: so the
   * effects of the same transaction are applied under a token that is current, or not at all.
   */
  check(client: Queryable): Promise<void>;
}

export interface StepContext {
  readonly runId: string;
  readonly step: string;
  /** Stable over attempts, kills and takeovers: run id and step name. Hand it to whatever knows idempotency keys. */
  readonly idempotencyKey: string;
  readonly fence: Fence;
  /** From 1; counts the tries of this execution. */
  readonly attempt: number;
  /** Aborted on cancel (unless the step has it wait), on the step's timeout, and when this executor has lost the run. Hand it to every await. */
  readonly signal: AbortSignal;
  /** For a person who watches; kept only as the last value. */
  progress(value: Progress): void;
}

export interface StepOptions<T> {
  /** Longest single try. Default 10 minutes. */
  readonly timeoutMs?: number;
  /** Default: one try. What is tried again: errors whose `retry` is not "never", and the step's own timeout. */
  readonly retry?: RetryPolicy;
  /** Undoes the finished step when the run is cancelled; a step of its own (`undo:NAME`), last step first. */
  readonly compensate?: (step: StepContext, result: T) => Promise<void>;
  /**
   * "waits": for an effect that cannot be recalled once it is begun (an invoked function, a migration): a cancel that comes meanwhile waits for
   * its end, so that nothing is undone beside it. `timeoutMs` bounds the wait. Default "aborts": the step ends at its next await.
   */
  readonly cancel?: "aborts" | "waits";
}

export interface SignalOptions<T> {
  readonly timeoutMs: number;
  /** Other values are refused when they are sent while the run waits; one that was sent before fails the wait (SignalRefused). */
  readonly schema?: z.ZodType<T>;
  /** What a person is asked, shown while the run waits. */
  readonly question?: string;
}

export interface Approval {
  readonly approved: boolean;
  readonly by: string;
  readonly comment: string | null;
}

export interface RunContext {
  readonly runId: string;
  /**
   * Does one effect, once: its result or error is recorded and never computed again, however often the run is killed. Only the step
   * in flight may run twice. Names are unique within a run.
   */
  step<T>(name: string, effect: (step: StepContext) => Promise<T>, options?: StepOptions<T>): Promise<T>;
  /** Durable: a killed run sleeps on until the same moment. */
  sleep(name: string, ms: number): Promise<void>;
  waitForSignal<T>(name: string, options: SignalOptions<T>): Promise<T | "timed-out">;
  /** Waits for a person. Throws ApprovalTimedOut, or ApprovalRefused when the answer is no. */
  waitForApproval(name: string, options: { readonly timeoutMs: number; readonly question: string }): Promise<Approval>;
  /**
   * Runs branches side by side and gives their results in order; waits for all, then throws the first error in order.
   * Each branch is one durable call (a step, a wait, a child), begun at once: the journal is ordered by calls. More steps in a branch make a child.
   */
  all<T>(name: string, branches: ReadonlyArray<() => Promise<T>>): Promise<T[]>;
  /** Runs another operation as a run of its own and gives its result. `key` is unique within this run. */
  child<I, O, R>(operation: Operation<I, O, R>, input: I, options: { readonly key: string }): Promise<R>;
  /**
   * When the run is cancelled: looks how everything was left, and says it in the run's end. A step of its own (`undo:NAME`), after what finished
   * steps after this call undo. To be called at the same place each time.
   */
  whenCancelled(name: string, tell: (step: StepContext) => Promise<string>): void;
  progress(value: Progress): void;
  /** The time of the last durable call: the same when the run is resumed. */
  now(): Date;
  /** The same when the run is resumed. */
  uuid(): string;
}
