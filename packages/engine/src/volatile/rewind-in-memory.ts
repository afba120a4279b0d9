// Sets an ended run back to a call, in memory; it is then executed again.
import { RunNotRetryable } from "../errors/run-errors.ts";
import { chooseRetryCall } from "../flow/choose-retry-call.ts";
import { outcomeOf } from "../flow/ending.ts";
import { open } from "../flow/envelope.ts";
import type { Message } from "../flow/journal.ts";
import { failureOfChild, failureOfStep, failureOfWait, type RecordedCall } from "../flow/recorded-call.ts";
import { decode } from "../journal/codec.ts";
import type { Memory, MemoryRun } from "./memory.ts";
import type { VolatileDeps } from "./volatile-deps.ts";

/** Throws RunNotRetryable, StepUnknown. */
export function rewindInMemory(
  deps: VolatileDeps,
  run: MemoryRun,
  options: { readonly by: string; readonly from?: string | undefined },
): void {
  const { runId } = run.request;
  const end = run.ending?.end;
  if (end === undefined || end.state === "succeeded") {
    throw new RunNotRetryable({ runId, state: end?.state ?? "unfinished" });
  }
  const calls = recordedCalls(deps.memory, run);
  const error = end.state === "failed" ? end.error : null;
  const from = chooseRetryCall({ runId, calls, length: run.journal.length, error }, options.from);
  run.journal.length = Math.min(run.journal.length, from.position);
  run.rows = { ...run.rows, steps: new Map([...run.rows.steps].filter(([, one]) => one.position < from.position)) };
  run.ending = undefined;
  run.ended = Promise.withResolvers();
  deps.emit(
    {
      code: "run.retried",
      at: deps.clock.now(),
      runId,
      step: null,
      data: { by: options.by, from: from.name },
    },
    {},
  );
}

function recordedCalls(memory: Memory, run: MemoryRun): readonly RecordedCall[] {
  return run.journal.flatMap((entry, position) => {
    if (entry === undefined) return [];
    const colon = entry.name.indexOf(":");
    const kind = entry.name.slice(0, colon);
    // The name of an undo has its kind already.
    const name = entry.name.slice(colon + 1);
    const row = run.rows.steps.get(name);
    const call = {
      position,
      name,
      isUndo: kind === "undo",
      beganMs: row === undefined ? 0 : Date.parse(row.started_at),
      endedMs: open(entry.text).at.getTime(),
      failure: failureOf(memory, run, { kind, name, text: entry.text }),
    };
    return [call];
  });
}

function failureOf(
  memory: Memory,
  run: MemoryRun,
  { kind, name, text }: { readonly kind: string; readonly name: string; readonly text: string },
): string | undefined {
  const failure = failureOfStep(text);
  if (failure !== undefined) return failure;
  const { outcome } = open(text);
  const value = "value" in outcome ? outcome.value : null;
  if (kind === "child") {
    const ending = memory.runs.get(String(value))?.ending;
    return failureOfChild(ending === undefined ? undefined : outcomeOf(ending.end));
  }
  if (kind !== "sleep" && kind !== "signal" && kind !== "approval") return undefined;
  // Encoded by the journal's wait alone.
  const message = typeof value === "string" ? (decode(value) as Message) : undefined;
  const begun = run.events.findLast((event) => event.code === "wait.started" && event.step === name);
  const timeoutMs = begun?.code === "wait.started" ? Date.parse(begun.data.until) - begun.at.getTime() : 0;
  return failureOfWait({ kind, name, timeoutMs }, message);
}
