// Waits in DBOS's journal: a mark that says what is waited for, and a message, or its absence, by a recorded deadline.
import { DBOS } from "@dbos-inc/dbos-sdk";
import { decode, encode } from "../journal/codec.ts";
import type { WaitKind } from "../events/engine-event.ts";
import { open, sealValue } from "../flow/envelope.ts";
import type { DurableDeps } from "./durable-step.ts";
import { cancelReason, type Execution } from "../flow/execution.ts";
import type { Message, Wait, WaitEnd } from "../flow/journal.ts";
import { journalCall } from "./journal-call.ts";
import { outsideFlow } from "./outside-flow.ts";

export const topicOf = (kind: WaitKind, name: string): string => `${kind}:${name}`;
export const encodeMessage = (message: Message): string => encode(message, { what: "The signal" });

/** Throws RunCancelled when the run is cancelled while it waits. */
export async function durableWait(deps: DurableDeps, execution: Execution, wait: Wait): Promise<WaitEnd> {
  const topic = topicOf(wait.kind, wait.name);
  // The mark, the message and its deadline reserve their places at once, so that waits can stand side by side in `all`.
  const { position, isRecorded } = execution.reserve(3);
  const marked = journalCall(execution, deps.giveUp, () =>
    DBOS.runStep(async () => recordMark(deps, execution, wait, position), { name: topic }),
  );
  const received = journalCall(execution, deps.giveUp, () =>
    DBOS.recv<string>(topic, { timeoutSeconds: Math.max(wait.timeoutMs, 1) / 1_000 }),
  );
  // Waited for below, after the mark.
  received.catch(() => undefined);
  announceCancel(deps, execution, topic);
  const { at: begunAt } = open(await marked);
  const text = await received;
  execution.waits.delete(topic);
  // Written by encodeMessage alone.
  const message = text === null ? undefined : (decode(text) as Message);
  const outcome = message === undefined ? "elapsed" : message.isCancel === true ? "cancelled" : "signal";
  if (isRecorded[1] !== true)
    execution.emit("wait.ended", { kind: wait.kind, name: wait.name, outcome }, { step: wait.name });
  if (outcome === "cancelled") throw cancelReason(execution);
  return { at: message?.at ?? new Date(begunAt.getTime() + wait.timeoutMs), message };
}

async function recordMark(deps: DurableDeps, execution: Execution, wait: Wait, position: number): Promise<string> {
  const at = deps.clock.now();
  const until = new Date(at.getTime() + wait.timeoutMs).toISOString();
  const { kind, name, question, schema } = wait;
  execution.emit("wait.started", { kind, name, until, question, schema }, { step: name, position });
  return sealValue(wait, { what: "The wait", at, secrets: deps.secrets });
}

/** A cancelled run does not wait on: the cancel is a message like any other, so it is recorded where the wait ended. */
function announceCancel(deps: DurableDeps, execution: Execution, topic: string): void {
  execution.waits.add(topic);
  const send = (): void => {
    if (!execution.waits.has(topic)) return;
    const message = encodeMessage({ at: deps.clock.now(), by: "engine", isCancel: true });
    // The topic and the token make it one message per execution.
    const key = `cancel:${execution.request.runId}:${execution.fence.token}:${topic}`;
    outsideFlow(() => DBOS.send(execution.request.runId, message, topic, key)).catch(deps.giveUp);
  };
  if (execution.cancel.aborted) send();
  else execution.onCancel(send);
}
