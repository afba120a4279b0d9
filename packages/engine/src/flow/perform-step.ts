// A step that no journal knows yet: its tries, its events, and the text to record.
import type { Clock, Secret } from "@tidegate/kernel";
import type { StepContext } from "../context/run-context.ts";
import { FenceStale } from "../errors/executor-errors.ts";
import { toEventError } from "../journal/to-event-error.ts";
import { attemptStep } from "./attempt-step.ts";
import { sealError, sealValue } from "./envelope.ts";
import { never, type Execution } from "./execution.ts";
import type { StepCall } from "./journal.ts";
import { throttleProgress } from "./throttle-progress.ts";

export interface PerformDeps {
  readonly clock: Clock;
  readonly secrets: readonly Secret[];
  /** Asks whether this executor still holds its runs; when it does not, `halt` is aborted before this resolves. */
  readonly confirmHeld: () => Promise<void>;
}

export interface Performed {
  /** The envelope of the value, or of the error. */
  readonly text: string;
  /** Tells of the step's end; to be called when the journal has it, since only then the step is never done again. */
  readonly tell: () => void;
}

/** Never settles once this executor has lost the run. */
export async function performStep<T>(
  deps: PerformDeps,
  execution: Execution,
  call: StepCall<T>,
  position: number,
): Promise<Performed> {
  const startMs = deps.clock.monotonicMs();
  const { emit } = execution;
  const step = call.name;
  const isCancellable = call.isCancellable ?? true;
  let isOver = false;
  const took = (): number => Math.round(deps.clock.monotonicMs() - startMs);
  try {
    if (isCancellable) execution.cancel.throwIfAborted();
    const value = await attemptStep({
      name: step,
      effect: call.effect,
      options: call.options ?? {},
      signal: isCancellable && call.options?.cancel !== "waits" ? execution.over : execution.halt,
      clock: deps.clock,
      makeStepContext: (attempt, signal) => {
        emit("step.started", { attempt, kind: call.kind }, { step, position });
        return stepContext(execution, { step, attempt, signal, isOver: () => isOver || signal.aborted });
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
    const durationMs = took();
    return { text: sealed, tell: () => emit("step.succeeded", { durationMs }, { step, result: sealed }) };
  } catch (error) {
    // What fails because the database went away is not the step's failure: this executor goes with it.
    await deps.confirmHeld();
    // Nor is what fails because the run is another's: the executor that has it now does the step.
    if (error instanceof FenceStale) execution.displace();
    if (execution.halt.aborted) return await never();
    const failed = { durationMs: took(), error: toEventError(error, deps.secrets) };
    const text = sealError(error, { at: deps.clock.now(), secrets: deps.secrets });
    return { text, tell: () => emit("step.failed", failed, { step }) };
  } finally {
    isOver = true;
  }
}

function stepContext(
  { request, fence, emit }: Execution,
  facts: {
    readonly step: string;
    readonly attempt: number;
    readonly signal: AbortSignal;
    readonly isOver: () => boolean;
  },
): StepContext {
  return {
    runId: request.runId,
    step: facts.step,
    idempotencyKey: `${request.runId}/${facts.step}`,
    fence,
    attempt: facts.attempt,
    signal: facts.signal,
    progress: throttleProgress((progress) => emit("step.progress", { progress }, { step: facts.step }), facts.isOver),
  };
}
