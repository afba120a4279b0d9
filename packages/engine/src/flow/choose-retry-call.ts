// From which call on an ended run is retried. What is before it is replayed, and must not end the run the same way once more.
import { StepUnknown } from "../errors/run-errors.ts";
import type { RecordedCall } from "./recorded-call.ts";

export interface RetryFrom {
  readonly position: number;
  readonly name: string;
}

export interface EndedRun {
  readonly runId: string;
  /** In the order of the journal. */
  readonly calls: readonly RecordedCall[];
  /** What the run failed with; null for one that was cancelled. */
  readonly error: Error | null;
  /** No place of the journal from there on is filled. */
  readonly length: number;
}

/**
 * By default: the first call that was undone; else the one whose failure ended the run; else the last that failed, unless the flow went on
 * after it, which says that it was caught; else the end, which is where the flow's own code failed.
 *
 * Throws StepUnknown for `asked` that is no call, or one after the default.
 */
export function chooseRetryCall(run: EndedRun, asked: string | undefined): RetryFrom {
  const flow = run.calls.filter((call) => !call.isUndo);
  const byDefault = firstUndone(run.calls, flow) ?? failedCall(flow, run.error);
  const last = byDefault?.position ?? run.length;
  if (asked === undefined) return byDefault ?? { position: last, name: "the end" };
  const allowed = flow.filter((call) => call.position <= last);
  const chosen = allowed.find((call) => call.name === asked);
  if (chosen === undefined) {
    throw new StepUnknown({ runId: run.runId, step: asked, known: allowed.map((call) => call.name) });
  }
  return chosen;
}

const UNDO = "undo:";

function firstUndone(calls: readonly RecordedCall[], flow: readonly RecordedCall[]): RecordedCall | undefined {
  const undone = new Set(calls.filter((call) => call.isUndo).map((call) => call.name.slice(UNDO.length)));
  return flow.find((call) => undone.has(call.name));
}

function failedCall(flow: readonly RecordedCall[], error: Error | null): RecordedCall | undefined {
  const said = new Set(messagesOf(error));
  const ending = flow.findLast((call) => call.failure !== undefined && said.has(call.failure));
  if (ending !== undefined) return ending;
  const failed = flow.findLast((call) => call.failure !== undefined);
  if (failed === undefined) return undefined;
  // Branches of an `all` began before it had failed.
  const wentOn = flow.some((call) => call.position > failed.position && call.beganMs >= failed.endedMs);
  return wentOn ? undefined : failed;
}

function messagesOf(error: unknown): readonly string[] {
  if (!(error instanceof Error)) return [];
  const inside = error instanceof AggregateError ? error.errors.flatMap(messagesOf) : [];
  return [error.message, ...inside, ...messagesOf(error.cause)];
}
