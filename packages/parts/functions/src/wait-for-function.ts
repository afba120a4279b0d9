// Waiting until a function really is the new one, over any adapter.
import { systemClock, TimedOut, type Clock } from "@tidegate/kernel";
import { FunctionUpdateFailed } from "./errors.ts";
import type { Functions, FunctionStatus } from "./port.ts";

export interface WaitForFunction {
  readonly name: string;
  /** The `uri` that it was updated to. */
  readonly image: string;
  readonly limitMs: number;
  /** Default 200; against an API with rate limits give seconds. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
  /** Default the system's. */
  readonly clock?: Clock;
  /** Called with each look, for progress. */
  readonly onStatus?: (status: FunctionStatus) => void;
}

/**
 * Resolves when the function is ready and runs the image. Throws FunctionUpdateFailed with the platform's reason, and TimedOut with what was
 * seen last: who goes on after that would run the old code.
 */
export async function waitForFunction(functions: Functions, options: WaitForFunction): Promise<FunctionStatus> {
  const { name, image, limitMs } = options;
  const clock = options.clock ?? systemClock;
  const startMs = clock.monotonicMs();
  for (;;) {
    options.signal?.throwIfAborted();
    const status = await functions.describe(name);
    options.onStatus?.(status);
    if (status.state === "ready" && status.image === image) return status;
    if (status.state === "failed")
      throw new FunctionUpdateFailed({
        name,
        image,

        reason: status.reason ?? "no reason was given",
      });
    if (clock.monotonicMs() - startMs >= limitMs)
      throw new TimedOut({
        what: `The update of the function "${name}" to ${image}`,
        limitMs,
        remedy: `Seen last: ${status.state}, running ${status.image ?? "no image"}. Look what holds it up before anything is run with it.`,
        details: { status },
      });
    await clock.sleep(options.everyMs ?? 200, options.signal);
  }
}
