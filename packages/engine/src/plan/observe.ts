// Lets an operation look, within a limit.
import { describeError, TidegateError, type Clock } from "@tidegate/kernel";
import { ObservationFailed } from "../errors/plan-errors.ts";
import type { AnyOperation } from "../operation/operation.ts";

const DEFAULT_LIMIT_MS = 60_000;

/** Throws what the operation refuses with; ObservationFailed for anything else, and when it takes longer than `limitMs` (default a minute). */
export async function observe(
  operation: AnyOperation,
  input: unknown,
  options: { readonly clock: Clock; readonly limitMs?: number; readonly signal?: AbortSignal },
): Promise<unknown> {
  const limitMs = options.limitMs ?? DEFAULT_LIMIT_MS;
  const limit = AbortSignal.timeout(limitMs);
  const signal = options.signal === undefined ? limit : AbortSignal.any([limit, options.signal]);
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([operation.observe(input, { signal, now: options.clock.now() }), aborted]);
  } catch (cause) {
    // What the operation says about itself needs no other words.
    if (cause instanceof TidegateError && !limit.aborted) throw cause;
    const reason = limit.aborted ? `it did not end within ${limitMs} ms` : describeError(cause);
    throw new ObservationFailed({ operation: operation.name, reason, cause });
  }
}
