// The projection's rows, as the tables have them; dates as ISO text, so that they travel as JSON.
import type { Progress } from "../context/run-context.ts";
import type { EventError, StepKind, WaitKind } from "../events/engine-event.ts";
import type { RunState, StepView } from "./run.ts";

interface WaitingRow {
  readonly kind: WaitKind | "lock";
  readonly name: string;
  readonly since: string;
  readonly until: string;
  readonly question: string | null;
}

export interface RunRow {
  readonly id: string;
  readonly operation: string;
  readonly version: number;
  readonly title: string;
  readonly state: RunState;
  readonly created_by: string;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly executor: string | null;
  readonly fence: number;
  readonly current_step: string | null;
  readonly waiting: WaitingRow | null;
  readonly progress: Progress | null;
  readonly error: EventError | null;
  readonly parent_id: string | null;
  readonly lock: string | null;
  readonly key: string | null;
  readonly reason: string | null;
  readonly plan_id: string | null;
  /** The journal's encoding. */
  readonly input: string;
  readonly plan: string | null;
  readonly result: string | null;
}

export interface StepRow {
  readonly run_id: string;
  readonly name: string;
  readonly position: number;
  readonly kind: StepKind;
  readonly state: StepView["state"];
  readonly attempts: number;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly progress: Progress | null;
  readonly error: EventError | null;
  readonly result: string | null;
}

/** A run with its steps by name. */
export interface RunRows {
  readonly run: RunRow;
  readonly steps: Map<string, StepRow>;
}

export interface NewRun {
  readonly runId: string;
  readonly operation: string;
  readonly version: number;
  readonly title: string;
  readonly by: string;
  readonly createdAt: Date;
  readonly parentId: string | null;
  readonly lock: string | null;
  readonly key: string | null;
  readonly reason: string | null;
  readonly planId: string | null;
}

export function newRows(run: NewRun, input: string): RunRows {
  return {
    run: {
      id: run.runId,
      operation: run.operation,
      version: run.version,
      title: run.title,
      state: "queued",
      created_by: run.by,
      created_at: run.createdAt.toISOString(),
      started_at: null,
      ended_at: null,
      executor: null,
      fence: 0,
      current_step: null,
      waiting: null,
      progress: null,
      error: null,
      parent_id: run.parentId,
      lock: run.lock,
      key: run.key,
      reason: run.reason,
      plan_id: run.planId,
      input,
      plan: null,
      result: null,
    },
    steps: new Map(),
  };
}
