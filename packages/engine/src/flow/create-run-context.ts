// The core half of the port over a journal: each call passes the gate, is journaled, and moves the run's own clock.
import { createHash } from "node:crypto";
import * as z from "zod";
import { createCallGate, type CallGate } from "./call-gate.ts";
import type { Approval, RunContext, SignalOptions, StepContext, StepOptions } from "../context/run-context.ts";
import { ApprovalRefused, ApprovalTimedOut, SignalRefused } from "../errors/run-errors.ts";
import type { Journal, Message, Wait } from "./journal.ts";
import type { Opened } from "./envelope.ts";
import { cancelReason, type Execution } from "./execution.ts";
import { throttleProgress } from "./throttle-progress.ts";

/** A finished step that knows how it is undone, or what looks how everything was left. */
export interface Undo {
  readonly step: string;
  readonly kind: "undo" | "tell";
  /** Place of the step among the calls of the flow, the same each time it runs. */
  readonly order: number;
  readonly compensate: (step: StepContext) => Promise<string | void>;
}

export interface FlowContext {
  readonly context: RunContext;
  readonly gate: CallGate;
  /** Of finished steps; undone from the highest order down. */
  readonly undos: readonly Undo[];
}

export function createRunContext(journal: Journal, execution: Execution): FlowContext {
  const { request } = execution;
  const gate = createCallGate(request.operation);
  const undos: Undo[] = [];
  let now = request.createdAt;
  let uuids = 0;
  let steps = 0;
  const passed = (at: Date): void => {
    if (at > now) now = at;
  };

  const step = async <T>(
    name: string,
    effect: (one: StepContext) => Promise<T>,
    options: StepOptions<T> = {},
  ): Promise<T> =>
    gate.pass(name, async () => {
      const order = steps++;
      const opened = await journal.step({ kind: "step", name, effect, options });
      passed(opened.at);
      const value = valueOf(opened) as T;
      const { compensate } = options;
      if (compensate !== undefined)
        undos.push({ step: name, kind: "undo", order, compensate: async (one) => compensate(one, value) });
      return value;
    });

  const wait = async (one: Wait): Promise<Message | undefined> =>
    gate.pass(one.name, async () => {
      const { at, message } = await journal.wait(one);
      passed(at);
      return message;
    });

  const context: RunContext = {
    runId: request.runId,
    step,
    sleep: async (name, ms) => void (await wait({ kind: "sleep", name, timeoutMs: ms, question: null, schema: null })),
    waitForSignal: async (name, options) => {
      const { timeoutMs, question, schema } = options;
      const message = await wait({
        kind: "signal",
        name,
        timeoutMs,
        question: question ?? null,
        schema: schema === undefined ? null : z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }),
      });
      return message === undefined ? "timed-out" : checkSignal(request.runId, name, message.value, options);
    },
    waitForApproval: async (name, options) => {
      const message = await wait({ kind: "approval", name, ...options, schema: null });
      if (message === undefined) throw new ApprovalTimedOut({ approval: name, timeoutMs: options.timeoutMs });
      // Sent by `approve` alone.
      const approval = message.value as Approval;
      if (!approval.approved) throw new ApprovalRefused({ approval: name, by: approval.by, comment: approval.comment });
      return approval;
    },
    all: gate.all,
    child: async (operation, input, { key }) =>
      gate.pass(key, async () => {
        const { at, outcome } = await journal.child({ operation, input, key });
        passed(at);
        if (outcome.state === "failed") throw outcome.error;
        if (outcome.state === "cancelled") throw cancelReason(execution);
        // The journal of the child gives back what its flow returned.
        return outcome.result as never;
      }),
    progress: throttleProgress((progress) => execution.emit("run.progress", { progress })),
    whenCancelled: (name, tell) => void undos.push({ step: name, kind: "tell", order: steps++, compensate: tell }),
    now: () => new Date(now),
    uuid: () => uuidOf(`${request.runId}/${uuids++}`),
  };
  return { context, gate, undos };
}

function valueOf({ outcome }: Opened): unknown {
  if ("error" in outcome) throw outcome.error;
  return outcome.value;
}

/** A signal that was sent before the run waited for it could not be refused then. */
function checkSignal<T>(runId: string, signal: string, value: unknown, { schema }: SignalOptions<T>): T {
  if (schema === undefined) return value as T;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues
    .map((issue) => `${issue.path.join(".") || "(value)"}: ${issue.message}`)
    .join("; ");
  throw new SignalRefused({ runId, signal, problem });
}

/** A UUID of version 8 (RFC 9562, section 5.8): the first 128 bits of a SHA-256, version and variant set. */
function uuidOf(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
