// A run as DBOS's own tables tell it, told again as events: what the projection is rebuilt from.
import { DBOS, type WorkflowStatus } from "@dbos-inc/dbos-sdk";
import type { Secret } from "@tidegate/kernel";
import type { EngineEvent, StepKind, WaitKind } from "../events/engine-event.ts";
import { toEventError } from "../journal/to-event-error.ts";
import { encode } from "../journal/codec.ts";
import { applyEvent, type EventExtras } from "../projection/apply-event.ts";
import { newRows, type RunRows } from "../projection/rows.ts";
import { open } from "../flow/envelope.ts";
import { readEnding } from "./run-ending.ts";
import { decodeRequest, WORKFLOW_NAME, type RunRequest } from "../flow/run-request.ts";
import { encodePlan } from "./observed-plan.ts";

export interface HistoricRun {
  readonly rows: RunRows;
  readonly events: readonly EngineEvent[];
}

interface Told {
  readonly event: EngineEvent;
  readonly extras: EventExtras;
}

/** Gives the ids of runs in DBOS's history, oldest first; all of them, or those of the page. */
export async function listHistory(page: {
  readonly limit: number;
  readonly offset: number;
}): Promise<readonly string[]> {
  const workflows = await DBOS.listWorkflows({
    ...page,
    workflowName: WORKFLOW_NAME,
    loadInput: false,
    loadOutput: false,
    sortDesc: false,
  });
  return workflows.map((one) => one.workflowID);
}

/** `before` gives what history does not know: how often a step was tried. */
export async function readHistory(
  runIds: readonly string[],
  options: { readonly secrets: readonly Secret[]; readonly before: ReadonlyMap<string, RunRows> },
): Promise<readonly HistoricRun[]> {
  if (runIds.length === 0) return [];
  const workflows = await DBOS.listWorkflows({ workflowIDs: [...runIds] });
  const runs: HistoricRun[] = [];
  for (const workflow of workflows) {
    const [text] = workflow.input ?? [];
    if (typeof text !== "string") continue;
    const request = decodeRequest(text);
    const told = await tell(workflow, request, options.secrets);
    const input = encode(request.input, { what: "The input" });
    let rows = newRows(request, input);
    for (const { event, extras } of told) rows = applyEvent(rows, event, extras);
    runs.push({ rows: withAttempts(rows, options.before.get(request.runId)), events: told.map(({ event }) => event) });
  }
  return runs;
}

async function tell(
  workflow: WorkflowStatus,
  request: RunRequest,
  secrets: readonly Secret[],
): Promise<readonly Told[]> {
  const told: Told[] = [];
  const add = (
    event: Omit<EngineEvent, "runId" | "step"> & { readonly step?: string },
    extras: EventExtras = {},
  ): void => {
    // Code and data are paired where `add` is called.
    told.push({ event: { runId: request.runId, step: null, ...event } as EngineEvent, extras });
  };
  const { operation, version, by, createdAt } = request;
  add({ code: "run.created", at: createdAt, data: { operation, version, by } });
  const steps = (await DBOS.listWorkflowSteps(request.runId)) ?? [];
  if (steps.length > 0) {
    const at = new Date(steps[0]?.startedAtEpochMs ?? createdAt);
    add({ code: "run.executing", at, data: { executor: workflow.executorId ?? "", fence: 0, isResumed: false } });
  }
  const received = new Map(steps.map((step) => [step.functionID, step]));
  for (const step of steps) {
    const call = readName(step.name);
    if (call === undefined) continue;
    const begun = new Date(step.startedAtEpochMs ?? createdAt);
    const ended = new Date(step.completedAtEpochMs ?? begun);
    const position = step.functionID;
    if (isWait(call.kind)) {
      tellWait(
        add,
        { ...call, kind: call.kind },
        { position, begun, mark: String(step.output), received: received.get(position + 1) },
      );
    } else {
      tellStep(add, call, { position, begun, ended, text: String(step.output), secrets });
    }
  }
  tellEnd(add, workflow, secrets);
  return told;
}

type Add = (event: Omit<EngineEvent, "runId" | "step"> & { readonly step?: string }, extras?: EventExtras) => void;

function tellStep(
  add: Add,
  { kind, name }: { readonly kind: StepKind; readonly name: string },
  facts: {
    readonly position: number;
    readonly begun: Date;
    readonly ended: Date;
    readonly text: string;
    readonly secrets: readonly Secret[];
  },
): void {
  const { position, begun, ended, text } = facts;
  const durationMs = ended.getTime() - begun.getTime();
  add({ code: "step.started", at: begun, step: name, data: { attempt: 1, kind } }, { position });
  const { outcome } = open(text);
  if ("error" in outcome) {
    add({
      code: "step.failed",
      at: ended,
      step: name,
      data: { durationMs, error: toEventError(outcome.error, facts.secrets) },
    });
    return;
  }
  add({ code: "step.succeeded", at: ended, step: name, data: { durationMs } }, { result: text });
  if (position === 0 && name === "observe") {
    const observed = outcome.value as { readonly digest: string; readonly draft: unknown };
    add({ code: "run.observed", at: ended, data: { digest: observed.digest } }, { result: encodePlan(observed.draft) });
  }
}

function tellWait(
  add: Add,
  { kind, name }: { readonly kind: WaitKind; readonly name: string },
  facts: {
    readonly position: number;
    readonly begun: Date;
    readonly mark: string;
    readonly received: { readonly output: unknown; readonly completedAtEpochMs?: number } | undefined;
  },
): void {
  const { position, begun, mark, received } = facts;
  const opened = open(mark);
  const wait = ("value" in opened.outcome ? opened.outcome.value : {}) as {
    readonly timeoutMs?: number;
    readonly question?: string | null;
    readonly schema?: unknown;
  };
  const until = new Date(begun.getTime() + (wait.timeoutMs ?? 0)).toISOString();
  add(
    {
      code: "wait.started",
      at: begun,
      step: name,
      data: { kind, name, until, question: wait.question ?? null, schema: wait.schema ?? null },
    },
    { position },
  );
  if (received === undefined) return;
  const at = new Date(received.completedAtEpochMs ?? begun);
  const isCancel = typeof received.output === "string" && received.output.includes('"isCancel":true');
  const outcome = received.output === null ? "elapsed" : isCancel ? "cancelled" : "signal";
  add({ code: "wait.ended", at, step: name, data: { kind, name, outcome } });
}

function tellEnd(add: Add, workflow: WorkflowStatus, secrets: readonly Secret[]): void {
  const ending = readEnding(workflow);
  if (ending === undefined) return;
  const { at, end } = ending;
  if (end.state === "succeeded") add({ code: "run.succeeded", at, data: {} }, { result: end.text });
  else if (end.state === "cancelled") add({ code: "run.cancelled", at, data: { undone: end.undone, told: end.told } });
  else add({ code: "run.failed", at, data: { error: toEventError(end.error, secrets) } });
}

const KINDS = new Set<StepKind>(["step", "sleep", "signal", "approval", "child", "undo"]);
const isWait = (kind: StepKind): kind is WaitKind => kind === "sleep" || kind === "signal" || kind === "approval";

/** Undefined for what is DBOS's own: messages and their deadlines. */
function readName(functionName: string): { readonly kind: StepKind; readonly name: string } | undefined {
  const colon = functionName.indexOf(":");
  const kind = functionName.slice(0, colon) as StepKind;
  if (colon < 0 || !KINDS.has(kind)) return undefined;
  return { kind, name: kind === "undo" ? functionName : functionName.slice(colon + 1) };
}

function withAttempts(rows: RunRows, before: RunRows | undefined): RunRows {
  if (before === undefined) return rows;
  const steps = new Map(rows.steps);
  for (const [name, old] of before.steps) {
    const step = steps.get(name);
    if (step !== undefined)
      steps.set(name, { ...step, attempts: Math.max(step.attempts, old.attempts), progress: old.progress });
    // In flight when its executor ended: history does not know it yet.
    else if (old.state === "running" || old.state === "interrupted") steps.set(name, { ...old, state: "interrupted" });
  }
  return {
    run: { ...rows.run, fence: before.run.fence, executor: before.run.executor, progress: before.run.progress },
    steps,
  };
}
