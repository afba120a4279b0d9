// What is known of a run from its events, for drawing. Pure.
import type { ProgressView, StoredEventView } from "@tidegate/contract";

export interface StepPicture {
  readonly name: string;
  readonly kind: string;
  readonly state: "running" | "waiting" | "succeeded" | "failed" | "interrupted";
  readonly attempts: number;
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  readonly progress: ProgressView | undefined;
  /** Why it failed, what it waits for, until when. */
  readonly note: string | undefined;
}

export interface RunPicture {
  readonly runId: string;
  readonly operation: string;
  readonly state: string;
  readonly steps: ReadonlyMap<string, StepPicture>;
  readonly executor: string | undefined;
  readonly takeovers: number;
  readonly progress: ProgressView | undefined;
  readonly note: string | undefined;
}

export function newPicture(runId: string): RunPicture {
  return {
    runId,
    operation: "",
    state: "queued",
    steps: new Map(),
    executor: undefined,
    takeovers: 0,
    progress: undefined,
    note: undefined,
  };
}

export function addEvent(picture: RunPicture, event: StoredEventView): RunPicture {
  if (event.step !== null && /^(step|wait)\./.test(event.code)) return addStepEvent(picture, event, event.step);
  const { data } = event;
  const change = (fields: Partial<RunPicture>): RunPicture => ({ ...picture, note: undefined, ...fields });
  switch (event.code) {
    case "run.created":
      return change({ operation: text(data["operation"]) });
    case "run.executing":
      return change({
        state: "running",
        executor: text(data["executor"]),
        takeovers: data["isResumed"] === true ? picture.takeovers + 1 : picture.takeovers,
        steps: interrupt(picture),
      });
    case "run.waiting-for-lock":
      return change({
        state: "waiting for the lock",
        note: `"${text(data["lock"])}" is held by ${text(data["holder"])} with run ${text(data["holderRun"])}, until ${text(data["until"])}`,
      });
    case "run.lock-acquired":
      return change({ state: "running" });
    case "run.progress":
      return change({ progress: data["progress"] as ProgressView });
    case "run.cancel-requested":
      return change({ state: "cancelling", note: `asked by ${text(data["by"])}` });
    case "run.retried":
      return change({ state: "queued", note: `to be run again from ${text(data["from"])}` });
    case "run.succeeded":
      return change({ state: "succeeded", steps: interrupt(picture) });
    case "run.failed":
      return change({ state: "failed", note: errorText(data["error"]), steps: interrupt(picture) });
    case "run.cancelled":
      return change({ state: "cancelled", note: toldText(data["told"]), steps: interrupt(picture) });
    default:
      return picture;
  }
}

function addStepEvent(picture: RunPicture, event: StoredEventView, name: string): RunPicture {
  const before = picture.steps.get(name);
  const { data } = event;
  const atMs = Date.parse(event.at);
  const kind = typeof data["kind"] === "string" ? data["kind"] : (before?.kind ?? "step");
  const base: StepPicture = before ?? {
    name,
    kind,
    state: "running",
    attempts: 0,
    startedMs: atMs,
    endedMs: undefined,
    progress: undefined,
    note: undefined,
  };
  const withStep = (fields: Partial<StepPicture>): RunPicture => ({
    ...picture,
    steps: new Map(picture.steps).set(name, { ...base, kind, ...fields }),
  });
  switch (event.code) {
    case "step.started": {
      const isAgain = before !== undefined && before.state !== "running";
      return withStep({
        state: "running",
        attempts: base.attempts + 1,
        endedMs: undefined,
        ...(isAgain ? { startedMs: atMs } : {}),
      });
    }
    case "step.retrying":
      return withStep({ note: `tried again: ${errorText(data["error"])}` });
    case "step.progress":
      return withStep({ progress: data["progress"] as ProgressView });
    case "step.succeeded":
      return withStep({ state: "succeeded", endedMs: atMs, note: undefined, progress: undefined });
    case "step.failed":
      return withStep({ state: "failed", endedMs: atMs, note: errorText(data["error"]) });
    case "wait.started":
      return withStep({ state: "waiting", attempts: 1, startedMs: atMs, endedMs: undefined, note: waitNote(data) });
    case "wait.ended":
      return withStep({
        state: data["outcome"] === "cancelled" ? "interrupted" : "succeeded",
        endedMs: atMs,
        note: undefined,
      });
    default:
      return picture;
  }
}

function interrupt(picture: RunPicture): ReadonlyMap<string, StepPicture> {
  return new Map(
    [...picture.steps].map(([name, step]) => [
      name,
      step.state === "running" ? { ...step, state: "interrupted" } : step,
    ]),
  );
}

function waitNote(data: StoredEventView["data"]): string {
  const question = typeof data["question"] === "string" ? ` "${data["question"]}"` : "";
  const what =
    data["kind"] === "approval"
      ? `for an approval${question}`
      : data["kind"] === "sleep"
        ? "for the time"
        : `for a signal${question}`;
  return `${what}, until ${text(data["until"])}`;
}

function errorText(error: unknown): string {
  return text((error as { readonly message?: unknown } | undefined)?.message);
}

function toldText(told: unknown): string | undefined {
  return Array.isArray(told) && told.length > 0 ? told.map(text).join(" ") : undefined;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
