// Runs as they are read: an engine-neutral projection, written asynchronously and rebuildable from the engine's history.
import type { Progress } from "../context/run-context.ts";
import type { EventCode, EventError, StepKind, WaitKind } from "../events/engine-event.ts";
import type { PlanDraft } from "../plan/plan.ts";

export type RunState =
  /** Created; no executor has begun, or the last one is gone and the next has not begun. */
  | "queued"
  | "waiting-for-lock"
  | "running"
  /** For a signal, an approval or a time; see `waiting`. */
  | "waiting"
  /** Asked to end; compensating, or the step in flight is ending. */
  | "cancelling"
  | "succeeded"
  | "failed"
  | "cancelled";

export const ENDED_STATES: ReadonlySet<RunState> = new Set<RunState>(["succeeded", "failed", "cancelled"]);

export interface Waiting {
  readonly kind: WaitKind | "lock";
  readonly name: string;
  readonly since: Date;
  readonly until: Date;
  /** What a person is asked; for a lock, who holds it. */
  readonly question: string | null;
}

export interface RunSummary {
  readonly id: string;
  readonly operation: string;
  readonly version: number;
  readonly title: string;
  readonly state: RunState;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** The executor that works, or last worked, on it. */
  readonly executor: string | null;
  /** Grows with each takeover. */
  readonly fence: number;
  /** Name of the step or wait that it is in. */
  readonly currentStep: string | null;
  readonly waiting: Waiting | null;
  readonly progress: Progress | null;
  readonly error: EventError | null;
  readonly parentId: string | null;
  readonly lock: string | null;
  /** Why it does not move although it could, with the remedy; null when all is well: "No executor has upgrade@1". */
  readonly stuck: string | null;
}

export interface StepView {
  readonly name: string;
  readonly kind: StepKind;
  readonly state: "running" | "waiting" | "succeeded" | "failed" | "interrupted";
  readonly attempts: number;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  /** Decoded; bigints as such. Undefined while it has none. */
  readonly result: unknown;
  readonly error: EventError | null;
  readonly progress: Progress | null;
}

export interface RunDetail extends RunSummary {
  readonly key: string | null;
  readonly reason: string | null;
  readonly planId: string | null;
  readonly input: unknown;
  readonly plan: PlanDraft | null;
  readonly result: unknown;
  readonly steps: readonly StepView[];
}

export interface RunFilter {
  readonly operation?: string;
  readonly state?: RunState;
  /** Default 50, at most 500. */
  readonly limit?: number;
  /** Of an earlier page's `next`. */
  readonly cursor?: string;
}

/** Newest first. */
export interface RunPage {
  readonly runs: readonly RunSummary[];
  readonly next: string | null;
}

export interface StoredEvent {
  /** Grows within a run in the order of storing; where a reader goes on. */
  readonly seq: bigint;
  readonly runId: string;
  readonly at: Date;
  readonly code: EventCode;
  readonly step: string | null;
  /** Plain JSON. */
  readonly data: Readonly<Record<string, unknown>>;
}
