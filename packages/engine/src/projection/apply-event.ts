// How an event changes the rows of its run; the projector, the rebuilding and the volatile engine use the same function.
import type { EngineEvent } from "../events/engine-event.ts";
import type { RunRow, RunRows, StepRow } from "./rows.ts";

/** What the projection stores of an event beside the event itself. */
export interface EventExtras {
  /** In the journal's encoding. */
  readonly result?: string;
  /** Place of the step in the journal. */
  readonly position?: number;
}

type EventOf<P extends string> = Extract<EngineEvent, { readonly code: `${P}.${string}` }>;

/** Rows are replaced, never changed; the map of steps, which may be long, is changed in place. */
export function applyEvent(rows: RunRows, event: EngineEvent, extras: EventExtras = {}): RunRows {
  if (event.code.startsWith("run.")) return applyRunEvent(rows, event as EventOf<"run">, extras);
  if (event.code.startsWith("step.")) return applyStepEvent(rows, event as EventOf<"step">, extras);
  if (event.code.startsWith("wait.")) return applyWaitEvent(rows, event as EventOf<"wait">, extras);
  return rows;
}

function applyRunEvent(rows: RunRows, event: EventOf<"run">, extras: EventExtras): RunRows {
  const at = event.at.toISOString();
  const change = (run: Partial<RunRow>): RunRows => ({ ...rows, run: { ...rows.run, ...run } });
  switch (event.code) {
    case "run.created":
      return rows;
    case "run.executing": {
      const steps = interrupted(rows, (step) => step.state === "running");
      const state = rows.run.waiting === null || rows.run.waiting.kind === "lock" ? "running" : "waiting";
      const { executor, fence } = event.data;
      const waiting = state === "waiting" ? rows.run.waiting : null;
      return { steps, run: { ...rows.run, state, waiting, executor, fence, started_at: rows.run.started_at ?? at } };
    }
    case "run.waiting-for-lock": {
      const { lock, holder, holderRun, until } = event.data;
      const question = `held by ${holder} with run ${holderRun}`;
      return change({ state: "waiting-for-lock", waiting: { kind: "lock", name: lock, since: at, until, question } });
    }
    case "run.lock-acquired":
      return change(rows.run.waiting?.kind === "lock" ? { state: "running", waiting: null } : {});
    case "run.observed":
      return change(extras.result === undefined ? {} : { plan: extras.result });
    case "run.progress":
      return change({ progress: event.data.progress });
    case "run.cancel-requested":
      return change({ state: "cancelling" });
    case "run.retried":
      return change({ state: "queued", ended_at: null, error: null, result: null, current_step: null, waiting: null });
    case "run.succeeded":
      return ended(rows, { state: "succeeded", ended_at: at, error: null, result: extras.result ?? null });
    case "run.failed":
      return ended(rows, { state: "failed", ended_at: at, error: event.data.error });
    case "run.cancelled":
      return ended(rows, { state: "cancelled", ended_at: at });
    default:
      return event satisfies never;
  }
}

function ended(rows: RunRows, change: Partial<RunRow>): RunRows {
  const steps = interrupted(rows, (step) => step.state === "running" || step.state === "waiting");
  return { steps, run: { ...rows.run, ...change, current_step: null, waiting: null } };
}

function interrupted(rows: RunRows, which: (step: StepRow) => boolean): Map<string, StepRow> {
  return new Map([...rows.steps].map(([name, step]) => [name, which(step) ? { ...step, state: "interrupted" } : step]));
}

function applyStepEvent(rows: RunRows, event: EventOf<"step">, extras: EventExtras): RunRows {
  const name = event.step ?? "";
  const at = event.at.toISOString();
  const before = rows.steps.get(name);
  if (event.code === "step.started") {
    const step: StepRow = {
      ...emptyStep(rows.run.id, name, extras.position ?? before?.position ?? 0, at),
      ...before,
      kind: event.data.kind,
      state: "running",
      attempts: (before?.attempts ?? 0) + 1,
      ended_at: null,
      error: before?.error ?? null,
    };
    return withStep(rows, step, { current_step: name });
  }
  if (before === undefined) return rows;
  switch (event.code) {
    case "step.retrying":
      return withStep(rows, { ...before, error: event.data.error });
    case "step.progress":
      return withStep(rows, { ...before, progress: event.data.progress });
    case "step.succeeded":
      return withStep(
        rows,
        { ...before, state: "succeeded", ended_at: at, error: null, result: extras.result ?? null },
        { current_step: null },
      );
    case "step.failed":
      return withStep(
        rows,
        { ...before, state: "failed", ended_at: at, error: event.data.error },
        { current_step: null },
      );
    default:
      return event satisfies never;
  }
}

function applyWaitEvent(rows: RunRows, event: EventOf<"wait">, extras: EventExtras): RunRows {
  const { kind, name } = event.data;
  const at = event.at.toISOString();
  if (event.code === "wait.started") {
    const step: StepRow = {
      ...emptyStep(rows.run.id, name, extras.position ?? 0, at),
      kind,
      state: "waiting",
      attempts: 1,
    };
    const waiting = { kind, name, since: at, until: event.data.until, question: event.data.question };
    const state = rows.run.state === "cancelling" ? "cancelling" : "waiting";
    return withStep(rows, step, { waiting, state, current_step: name });
  }
  const before = rows.steps.get(name);
  if (before === undefined) return rows;
  const after = withStep(rows, {
    ...before,
    state: event.data.outcome === "cancelled" ? "interrupted" : "succeeded",
    ended_at: at,
  });
  if (rows.run.waiting?.name !== name) return after;
  const isStillWaiting = [...after.steps.values()].some((step) => step.state === "waiting");
  const state = rows.run.state === "waiting" && !isStillWaiting ? "running" : rows.run.state;
  return { ...after, run: { ...after.run, waiting: null, current_step: null, state } };
}

function withStep(rows: RunRows, step: StepRow, run: Partial<RunRow> = {}): RunRows {
  rows.steps.set(step.name, step);
  return { run: { ...rows.run, ...run }, steps: rows.steps };
}

function emptyStep(runId: string, name: string, position: number, startedAt: string): StepRow {
  return {
    run_id: runId,
    name,
    position,
    kind: "step",
    state: "running",
    attempts: 0,
    started_at: startedAt,
    ended_at: null,
    progress: null,
    error: null,
    result: null,
  };
}
