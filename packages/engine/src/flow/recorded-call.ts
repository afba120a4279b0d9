// A call of a flow as the journal has it, whichever journal: what it was, when, and what was wrong with its end.
import type { RunOutcome } from "../control/engine.ts";
import { ApprovalRefused, ApprovalTimedOut } from "../errors/run-errors.ts";
import type { Approval } from "../context/run-context.ts";
import { open } from "./envelope.ts";
import type { Message, Wait } from "./journal.ts";

export interface RecordedCall {
  /** Where it begins in the journal. */
  readonly position: number;
  readonly name: string;
  readonly isUndo: boolean;
  /** Milliseconds since 1970. */
  readonly beganMs: number;
  readonly endedMs: number;
  /** What a replay would throw, or have the flow throw, again; undefined for what ended well. */
  readonly failure: string | undefined;
}

/** Of a step, an undo, or the beginning of a child. */
export function failureOfStep(text: string): string | undefined {
  const { outcome } = open(text);
  return "error" in outcome ? outcome.error.message : undefined;
}

/** Of the child itself: that it was begun is all that its parent's journal has. */
export function failureOfChild(outcome: RunOutcome | undefined): string | undefined {
  if (outcome === undefined || outcome.state === "succeeded") return undefined;
  return outcome.state === "failed" ? outcome.error.message : "The child was cancelled.";
}

/** `message` is undefined when the wait's time was over: for a sleep that is as it should be. */
export function failureOfWait(
  wait: Pick<Wait, "kind" | "name" | "timeoutMs">,
  message: Message | undefined,
): string | undefined {
  if (message?.isCancel === true) return "The wait was cancelled.";
  if (wait.kind === "sleep") return undefined;
  if (message === undefined) {
    const { name: approval, timeoutMs } = wait;
    return wait.kind === "approval" ? new ApprovalTimedOut({ approval, timeoutMs }).message : "Nobody sent the signal.";
  }
  if (wait.kind !== "approval") return undefined;
  // Sent by `approve` alone.
  const { approved, by, comment } = message.value as Approval;
  return approved ? undefined : new ApprovalRefused({ approval: wait.name, by, comment }).message;
}
