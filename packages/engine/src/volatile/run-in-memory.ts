// One run in memory, from its beginning to its end.
import { waitUntil } from "@tidegate/kernel";
import { LockHeld } from "../errors/run-errors.ts";
import type { Ending } from "../flow/ending.ts";
import { open, sealError, sealValue } from "../flow/envelope.ts";
import { createExecution, never, type Execution } from "../flow/execution.ts";
import type { ChildEnd, FlowDeps } from "../flow/journal.ts";
import { outcomeOf } from "../flow/ending.ts";
import { runFlow, type FlowEnd } from "../flow/run-flow.ts";
import { encodeRequest, type RunRequest } from "../flow/run-request.ts";
import { encode } from "../journal/codec.ts";
import { toEventError } from "../journal/to-event-error.ts";
import { observePlan } from "../plan/observe-plan.ts";
import { newRows } from "../projection/rows.ts";
import type { MemoryRun } from "./memory.ts";
import { createMemoryJournal } from "./memory-journal.ts";
import { rewindInMemory } from "./rewind-in-memory.ts";
import type { VolatileDeps } from "./volatile-deps.ts";

/** Registers the run and lets it go; its end is in `ended`. Throws NotRecordable for an input that cannot be recorded. */
export function beginInMemory(deps: VolatileDeps, request: RunRequest): MemoryRun {
  encodeRequest(request, deps.secrets);
  const run: MemoryRun = {
    request,
    rows: newRows(request, encode(request.input, { what: "The input" })),
    events: [],
    journal: [],
    mailbox: new Map(),
    waiting: new Map(),
    execution: undefined,
    ended: Promise.withResolvers(),
    ending: undefined,
  };
  deps.memory.runs.set(request.runId, run);
  const { operation, version, by } = request;
  deps.emit(
    { code: "run.created", at: deps.clock.now(), runId: request.runId, step: null, data: { operation, version, by } },
    {},
  );
  executeInMemory(deps, run, 1);
  return run;
}

/** Throws RunNotRetryable, StepUnknown. */
export function retryInMemory(
  deps: VolatileDeps,
  run: MemoryRun,
  options: { readonly by: string; readonly from?: string | undefined },
): void {
  rewindInMemory(deps, run, options);
  executeInMemory(deps, run, (run.execution?.fence.token ?? 0) + 1);
}

function executeInMemory(deps: VolatileDeps, run: MemoryRun, token: number): void {
  const { request } = run;
  const execution = createExecution({
    request,
    fence: { token, check: async () => undefined },
    recorded: new Set(run.journal.flatMap((entry, position) => (entry === undefined ? [] : [position]))),
    halt: deps.halt,
    emit: deps.emit,
    now: () => deps.clock.now(),
  });
  run.execution = execution;
  execution.emit("run.executing", { executor: "volatile", fence: token, isResumed: token > 1 });
  const operation =
    deps.registry.version(request.operation, request.version) ?? deps.registry.latest(request.operation);
  void runFlow(flowDeps(deps, run, execution), execution, operation).then((end) => finish(deps, run, execution, end));
}

function finish(deps: VolatileDeps, run: MemoryRun, execution: Execution, end: FlowEnd): void {
  if (deps.halt.aborted) return;
  const at = deps.clock.now();
  const ending = endingOf(end, { what: `The result of ${run.request.operation}`, at, secrets: deps.secrets });
  for (const [name, lock] of deps.memory.locks) if (lock.runId === run.request.runId) deps.memory.locks.delete(name);
  if (ending.state === "succeeded") execution.emit("run.succeeded", {}, { result: ending.text });
  else if (ending.state === "cancelled") execution.emit("run.cancelled", { undone: ending.undone, told: ending.told });
  else execution.emit("run.failed", { error: toEventError(ending.error, deps.secrets) });
  run.ending = { at, end: ending };
  run.ended.resolve(run.ending);
}

function endingOf(
  end: FlowEnd,
  facts: { readonly what: string; readonly at: Date; readonly secrets: VolatileDeps["secrets"] },
): Ending {
  const failed = (error: unknown): Ending => {
    const { outcome } = open(sealError(error, facts));
    return { state: "failed", error: "error" in outcome ? outcome.error : new Error("unknown") };
  };
  if (end.state === "cancelled") return end;
  if (end.state === "failed") return failed(end.error);
  try {
    const text = sealValue(end.value, facts);
    const { outcome } = open(text);
    return { state: "succeeded", text, value: "value" in outcome ? outcome.value : undefined };
  } catch (error) {
    return failed(error);
  }
}

function flowDeps(deps: VolatileDeps, run: MemoryRun, execution: Execution): FlowDeps {
  const { clock, secrets } = deps;
  return {
    clock,
    secrets,
    confirmHeld: async () => undefined,
    journal: createMemoryJournal(
      {
        clock,
        secrets,
        runChild: async (request) => runChild(deps, request),
        cancelRun: (runId, by) => {
          const child = deps.memory.runs.get(runId);
          if (child?.ending === undefined) child?.execution?.requestCancel({ by, reason: "its parent was cancelled" });
        },
      },
      run,
      execution,
    ),
    takeLock: async () => takeLock(deps, execution),
    observePlan: async (operation, { input, signal }) => {
      const { request } = run;
      const planned = request.planId === null ? undefined : deps.memory.plans.get(request.planId);
      const observed = await observePlan(operation, { input, request, planned, clock, signal });
      const result = encode(observed.draft, { what: "The plan" });
      execution.emit("run.observed", { digest: observed.digest }, { result });
      return observed;
    },
  };
}

async function runChild(deps: VolatileDeps, request: RunRequest): Promise<ChildEnd> {
  const there = deps.memory.runs.get(request.runId);
  const run = there ?? beginInMemory(deps, request);
  // The parent is retried from this child: the child goes on from where it failed.
  if (there?.ending !== undefined && there.ending.end.state !== "succeeded") retryInMemory(deps, there, request);
  const { at, end } = await Promise.race([run.ended.promise, whenAborted(deps.halt)]);
  return { at, outcome: outcomeOf(end) };
}

async function whenAborted(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  return never();
}

async function takeLock(deps: VolatileDeps, execution: Execution): Promise<void> {
  const { request } = execution;
  const { lock: name, runId } = request;
  if (name === null) return;
  const begun = deps.clock.now().getTime();
  await waitUntil(
    () => {
      const held = deps.memory.locks.get(name);
      const now = deps.clock.now();
      if (held === undefined) {
        const { operation, by, reason } = request;
        deps.memory.locks.set(name, { name, runId, operation, holder: by, reason, acquiredAt: now });
        return true;
      }
      if (held.runId === runId || request.ancestors.includes(held.runId)) return true;
      const waitedMs = now.getTime() - begun;
      if (waitedMs >= request.lockWaitMs) throw new LockHeld({ lock: held, now, waitedMs });
      return undefined;
    },
    {
      what: `The lock "${name}" becoming free`,
      limitMs: request.lockWaitMs + 60_000,
      remedy: "Look at `tidegate locks`.",
      signal: AbortSignal.any([execution.cancel, execution.halt]),
    },
  );
  execution.emit("run.lock-acquired", { lock: name });
}
