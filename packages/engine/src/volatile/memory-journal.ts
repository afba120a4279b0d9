// A journal in memory: the same calls, recorded in the same encoding, gone with the process.
import type { Clock, Secret } from "@tidegate/kernel";
import { childRequest } from "../flow/child-request.ts";
import { open, sealValue } from "../flow/envelope.ts";
import { cancelReason, type Execution } from "../flow/execution.ts";
import type { ChildEnd, Journal, Message, StepCall, Wait, WaitEnd } from "../flow/journal.ts";
import { performStep } from "../flow/perform-step.ts";
import type { RunRequest } from "../flow/run-request.ts";
import { decode, encode } from "../journal/codec.ts";
import { FlowChanged } from "../errors/operation-errors.ts";
import type { MemoryRun } from "./memory.ts";

export interface MemoryJournalDeps {
  readonly clock: Clock;
  readonly secrets: readonly Secret[];
  readonly runChild: (request: RunRequest) => Promise<ChildEnd>;
  readonly cancelRun: (runId: string, by: string) => void;
}

export function createMemoryJournal(deps: MemoryJournalDeps, run: MemoryRun, execution: Execution): Journal {
  const recorded = async (name: string, position: number, perform: () => Promise<string>): Promise<string> => {
    const entry = run.journal[position];
    if (entry !== undefined) {
      if (entry.name === name) return entry.text;
      throw new FlowChanged({ operation: run.request.operation, runId: run.request.runId });
    }
    const text = await perform();
    run.journal[position] = { name, text };
    return text;
  };
  const step = async <T>(call: StepCall<T>) => {
    const { position } = execution.reserve(1);
    const performing = { ...deps, confirmHeld: async () => undefined };
    let tell: (() => void) | undefined;
    const text = await recorded(`${call.kind}:${call.name}`, position, async () => {
      const performed = await performStep(performing, execution, call, position);
      tell = performed.tell;
      return performed.text;
    });
    tell?.();
    return open(text);
  };
  return {
    step,
    wait: async (wait) => waitInMemory(deps, { run, execution, wait }, recorded),
    child: async (call) => {
      const request = childRequest(execution.request, call, deps.clock.now());
      const begun = await step({ kind: "child", name: call.key, effect: async () => request.runId });
      if ("error" in begun.outcome) throw begun.outcome.error;
      execution.onCancel(() => deps.cancelRun(request.runId, execution.request.by));
      return deps.runChild(request);
    },
  };
}

async function waitInMemory(
  deps: MemoryJournalDeps,
  { run, execution, wait }: { readonly run: MemoryRun; readonly execution: Execution; readonly wait: Wait },
  recorded: (name: string, position: number, perform: () => Promise<string>) => Promise<string>,
): Promise<WaitEnd> {
  const topic = `${wait.kind}:${wait.name}`;
  const { position } = execution.reserve(1);
  const text = await recorded(topic, position, async () => {
    const at = deps.clock.now();
    const { kind, name, question, schema } = wait;
    const until = new Date(at.getTime() + wait.timeoutMs);
    execution.emit(
      "wait.started",
      { kind, name, until: until.toISOString(), question, schema },
      { step: name, position },
    );
    const message = await nextMessage(run, execution, { topic, timeoutMs: wait.timeoutMs, by: deps });
    const outcome = message === undefined ? "elapsed" : message.isCancel === true ? "cancelled" : "signal";
    execution.emit("wait.ended", { kind, name, outcome }, { step: name });
    return sealValue(message === undefined ? null : encode(message, { what: "The signal" }), {
      what: "The signal",
      // A timer of Node's may end a millisecond early by the wall clock; a run's time never does.
      at: outcome === "elapsed" ? later(until, deps.clock.now()) : deps.clock.now(),
      secrets: deps.secrets,
    });
  });
  const { at, outcome } = open(text);
  const value = "value" in outcome ? outcome.value : null;
  // Encoded a few lines above.
  const message = typeof value === "string" ? (decode(value) as Message) : undefined;
  if (message?.isCancel === true) throw cancelReason(execution);
  return { at, message };
}

const later = (one: Date, other: Date): Date => (one > other ? one : other);

async function nextMessage(
  run: MemoryRun,
  execution: Execution,
  {
    topic,
    timeoutMs,
    by,
  }: { readonly topic: string; readonly timeoutMs: number; readonly by: { readonly clock: Clock } },
): Promise<Message | undefined> {
  const kept = run.mailbox.get(topic)?.shift();
  if (kept !== undefined) return kept;
  return new Promise((resolve) => {
    const end = (message: Message | undefined): void => {
      clearTimeout(timer);
      run.waiting.delete(topic);
      resolve(message);
    };
    const timer = setTimeout(() => end(undefined), timeoutMs);
    const cancel = (): void => end({ at: by.clock.now(), by: "engine", isCancel: true });
    run.waiting.set(topic, end);
    if (execution.cancel.aborted) cancel();
    else execution.onCancel(cancel);
  });
}
