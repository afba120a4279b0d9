// The calls of a flow from DBOS's history. How they stand there: durable-step.ts and durable-wait.ts.
import { DBOS } from "@dbos-inc/dbos-sdk";
import type { WaitKind } from "../events/engine-event.ts";
import { outcomeOf } from "../flow/ending.ts";
import { open } from "../flow/envelope.ts";
import type { Message, Wait } from "../flow/journal.ts";
import { failureOfChild, failureOfStep, failureOfWait, type RecordedCall } from "../flow/recorded-call.ts";
import { decode } from "../journal/codec.ts";
import { readEnding } from "./run-ending.ts";

type StepInfo = NonNullable<Awaited<ReturnType<typeof DBOS.listWorkflowSteps>>>[number];

const WAITS: ReadonlySet<string> = new Set<WaitKind>(["sleep", "signal", "approval"]);

/** `length`: no place from there on is filled. */
export async function readRecordedCalls(
  runId: string,
): Promise<{ readonly calls: readonly RecordedCall[]; readonly length: number }> {
  const steps = (await DBOS.listWorkflowSteps(runId)) ?? [];
  const at = new Map(steps.map((step) => [step.functionID, step]));
  const calls: RecordedCall[] = [];
  for (const step of steps) {
    const colon = step.name.indexOf(":");
    if (colon < 0) continue;
    const kind = step.name.slice(0, colon);
    const isUndo = kind === "undo";
    const next = at.get(step.functionID + 1);
    const received = WAITS.has(kind) && next?.name === "DBOS.recv" ? next : undefined;
    calls.push({
      position: step.functionID,
      name: isUndo ? step.name : step.name.slice(colon + 1),
      isUndo,
      beganMs: step.startedAtEpochMs ?? 0,
      endedMs: (received ?? step).completedAtEpochMs ?? 0,
      failure: await failureOf(kind, step, received),
    });
  }
  // A wait has three places, of which the last may be empty.
  return { calls, length: (calls.at(-1)?.position ?? -3) + 3 };
}

async function failureOf(kind: string, step: StepInfo, received: StepInfo | undefined): Promise<string | undefined> {
  if (typeof step.output !== "string") return undefined;
  if (received !== undefined) return failureOfWait(waitOf(step.output), messageOf(received));
  if (WAITS.has(kind)) return "The run ended while it waited.";
  const failure = failureOfStep(step.output);
  if (kind !== "child" || failure !== undefined) return failure;
  const { outcome } = open(step.output);
  const child = "value" in outcome ? await DBOS.getWorkflowStatus(String(outcome.value)) : null;
  const ending = child === null ? undefined : readEnding(child);
  return failureOfChild(ending === undefined ? undefined : outcomeOf(ending.end));
}

/** Recorded by recordMark alone. */
function waitOf(mark: string): Wait {
  const { outcome } = open(mark);
  if ("error" in outcome) throw outcome.error;
  return outcome.value as Wait;
}

/** Written by encodeMessage alone; null when the time was over. */
const messageOf = (received: StepInfo): Message | undefined =>
  typeof received.output === "string" ? (decode(received.output) as Message) : undefined;
