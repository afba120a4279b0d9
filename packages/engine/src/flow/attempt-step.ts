// The tries of a step: each with its time-out and its signal, again by policy, never after the end.
import { backoffMs, TidegateError, type Clock } from "@tidegate/kernel";
import { StepTimedOut } from "../errors/run-errors.ts";
import type { StepContext, StepOptions } from "../context/run-context.ts";

export interface AttemptInput<T> {
  readonly name: string;
  readonly effect: (step: StepContext) => Promise<T>;
  readonly options: Pick<StepOptions<T>, "timeoutMs" | "retry">;
  /** Ends the step at whatever it awaits, and the wait between tries. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly makeStepContext: (attempt: number, signal: AbortSignal) => StepContext;
  readonly onRetry: (failure: { readonly error: unknown; readonly attempt: number; readonly waitMs: number }) => void;
}

const DEFAULT_TIMEOUT_MS = 10 * 60_000;

/**
 * Runs `effect` until it succeeds or may not be tried again; rejects with its last error, with StepTimedOut, or with the signal's reason.
 *
 * When the signal aborts, the promise rejects at once, even if the effect ignores the signal: it is then left to itself, and what it
 * still does is no longer looked at. So effects hand the signal on, and check the fence in the transaction of what they write.
 */
export async function attemptStep<T>(input: AttemptInput<T>): Promise<T> {
  const { signal, clock } = input;
  const policy = input.options.retry ?? { attempts: 1 };
  const startMs = clock.monotonicMs();
  for (let attempt = 1; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await attemptOnce(input, attempt);
    } catch (error) {
      if (signal.aborted || attempt >= policy.attempts || !canRetry(error)) throw error;
      const waitMs = Math.round(backoffMs(attempt, policy));
      if (policy.deadlineMs !== undefined && clock.monotonicMs() - startMs + waitMs > policy.deadlineMs) throw error;
      input.onRetry({ error, attempt, waitMs });
      await clock.sleep(waitMs, signal);
    }
  }
}

/** An unforeseen error is tried again where a policy was given: the flow asked for it, and only a TidegateError knows better. */
function canRetry(error: unknown): boolean {
  return !(error instanceof TidegateError) || error.retry !== "never";
}

async function attemptOnce<T>(input: AttemptInput<T>, attempt: number): Promise<T> {
  const timeoutMs = input.options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const own = new AbortController();
  const signal = AbortSignal.any([input.signal, own.signal]);
  let onAbort: (() => void) | undefined;
  const timer = setTimeout(() => own.abort(new StepTimedOut({ step: input.name, timeoutMs })), timeoutMs);
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    const effect = input.effect(input.makeStepContext(attempt, signal));
    return await Promise.race([effect, aborted]);
  } catch (error) {
    // What an effect throws because it was aborted is less telling than why it was aborted.
    throw signal.aborted ? signal.reason : error;
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener("abort", onAbort);
  }
}
