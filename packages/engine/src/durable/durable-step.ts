// A step in DBOS's journal: looked up, or done once and recorded, value or error alike.
import { DBOS } from "@dbos-inc/dbos-sdk";
import type { Clock, Secret } from "@tidegate/kernel";
import { attemptStep } from "../context/attempt-step.ts";
import type { Progress, StepContext, StepOptions } from "../context/run-context.ts";
import { FenceStale } from "../errors/executor-errors.ts";
import type { StepKind } from "../events/engine-event.ts";
import { toEventError } from "../journal/to-event-error.ts";
import { open, sealError, sealValue, type Opened } from "./envelope.ts";
import { never, type Execution } from "./execution.ts";
import { journalCall } from "./journal-call.ts";

export interface DurableDeps {
  readonly clock: Clock;
  readonly secrets: readonly Secret[];
  /** Ends this executor: it can no longer keep its journal. */
  readonly giveUp: (error: unknown) => void;
  /** Asks the database whether this executor still holds its lock; when it does not, `halt` is aborted before this resolves. */
  readonly confirmHeld: () => Promise<void>;
}

export interface StepCall<T> {
  readonly kind: StepKind;
  readonly name: string;
  readonly effect: (step: StepContext) => Promise<T>;
  readonly options?: Pick<StepOptions<T>, "timeoutMs" | "retry">;
  /** False for what must happen although the run is cancelled. Default true. */
  readonly isCancellable?: boolean;
}

/** Gives the recorded value, or throws the recorded error, with the time when it was recorded. */
export async function durableStep<T>(deps: DurableDeps, execution: Execution, call: StepCall<T>): Promise<Opened> {
  const { position } = execution.reserve(1);
  const text = await journalCall(execution, deps.giveUp, () =>
    DBOS.runStep(async () => perform(deps, execution, call, position), { name: journalName(call) }),
  );
  return open(text);
}

/** How a call is named in DBOS's history: its kind, then its name; the name of an undo has its kind already. */
export function journalName(call: { readonly kind: StepKind; readonly name: string }): string {
  return call.kind === "undo" ? call.name : `${call.kind}:${call.name}`;
}

async function perform<T>(
  deps: DurableDeps,
  execution: Execution,
  call: StepCall<T>,
  position: number,
): Promise<string> {
  const startMs = deps.clock.monotonicMs();
  const { emit } = execution;
  const step = call.name;
  const isCancellable = call.isCancellable ?? true;
  const took = (): number => Math.round(deps.clock.monotonicMs() - startMs);
  try {
    if (isCancellable) execution.cancel.throwIfAborted();
    const value = await attemptStep({
      name: step,
      effect: call.effect,
      options: call.options ?? {},
      signal: isCancellable ? AbortSignal.any([execution.cancel, execution.halt]) : execution.halt,
      clock: deps.clock,
      makeStepContext: (attempt, signal) => {
        emit("step.started", { attempt, kind: call.kind }, { step, position });
        return stepContext(execution, { step, attempt, signal });
      },
      onRetry: ({ error, attempt, waitMs }) =>
        emit("step.retrying", { attempt, waitMs, error: toEventError(error, deps.secrets) }, { step }),
    });
    if (execution.halt.aborted) return await never();
    const sealed = sealValue(value, {
      what: `The result of step "${step}"`,
      at: deps.clock.now(),
      secrets: deps.secrets,
    });
    emit("step.succeeded", { durationMs: took() }, { step, result: sealed });
    return sealed;
  } catch (error) {
    // What fails because the database went away is not the step's failure: this executor goes with it.
    await deps.confirmHeld();
    // Nor is what fails because the run is another's: the executor that has it now does the step.
    if (execution.halt.aborted || error instanceof FenceStale) return never();
    emit("step.failed", { durationMs: took(), error: toEventError(error, deps.secrets) }, { step });
    return sealError(error, { at: deps.clock.now(), secrets: deps.secrets });
  }
}

function stepContext(
  { request, fence, emit }: Execution,
  facts: { readonly step: string; readonly attempt: number; readonly signal: AbortSignal },
): StepContext {
  return {
    runId: request.runId,
    step: facts.step,
    idempotencyKey: `${request.runId}/${facts.step}`,
    fence,
    attempt: facts.attempt,
    signal: facts.signal,
    progress: (progress: Progress) => {
      if (!facts.signal.aborted) emit("step.progress", { progress }, { step: facts.step });
    },
  };
}
