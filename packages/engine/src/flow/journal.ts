// What a flow asks of an engine: to do a call once, and to remember. Each adapter has one.
import type { Clock, Secret } from "@tidegate/kernel";
import type { StepContext, StepOptions } from "../context/run-context.ts";
import type { RunOutcome } from "../control/engine.ts";
import type { StepKind, WaitKind } from "../events/engine-event.ts";
import type { AnyOperation } from "../operation/operation.ts";
import type { PlanDraft } from "../plan/plan.ts";
import type { Opened } from "./envelope.ts";

export interface StepCall<T> {
  readonly kind: StepKind;
  readonly name: string;
  readonly effect: (step: StepContext) => Promise<T>;
  readonly options?: Pick<StepOptions<T>, "timeoutMs" | "retry" | "cancel">;
  /** False for what must happen although the run is cancelled. Default true. */
  readonly isCancellable?: boolean;
}

export interface Wait {
  readonly kind: WaitKind;
  readonly name: string;
  readonly timeoutMs: number;
  readonly question: string | null;
  /** JSON Schema; null for any value. */
  readonly schema: unknown;
}

/** What is sent to a waiting run. */
export interface Message {
  readonly at: Date;
  readonly by: string;
  readonly value?: unknown;
  /** Ends the wait because the run is cancelled. */
  readonly isCancel?: true;
}

export interface WaitEnd {
  readonly at: Date;
  /** Undefined when the time was over first. */
  readonly message: Message | undefined;
}

export interface ChildEnd {
  readonly at: Date;
  readonly outcome: RunOutcome;
}

/** Each call reserves its place in the journal before it returns its promise. */
export interface Journal {
  /** Looks the call up, or does it once and records its value or error. */
  readonly step: <T>(call: StepCall<T>) => Promise<Opened>;
  /** Rejects with RunCancelled when the run is cancelled while it waits. */
  readonly wait: (wait: Wait) => Promise<WaitEnd>;
  /** Starts the child, or finds it, and waits for its end. */
  readonly child: (call: {
    readonly operation: AnyOperation;
    readonly input: unknown;
    readonly key: string;
  }) => Promise<ChildEnd>;
}

/** What a flow needs beside its journal. */
export interface FlowDeps {
  readonly clock: Clock;
  readonly secrets: readonly Secret[];
  readonly journal: Journal;
  /** Asks whether this executor still holds its runs; when it does not, `halt` is aborted before this resolves. */
  readonly confirmHeld: () => Promise<void>;
  /** Takes the run's lock. Rejects with LockHeld, or with the signal's reason. */
  readonly takeLock: () => Promise<void>;
  /** Observes, plans, and compares with the plan that the run was started with. Throws PlanStale, ObservationFailed. */
  readonly observePlan: (
    operation: AnyOperation,
    facts: { readonly input: unknown; readonly signal: AbortSignal },
  ) => Promise<{ readonly observation: unknown; readonly draft: PlanDraft; readonly digest: string }>;
}
