// Stopping in order: what was opened last is closed first, within a limit, once.
import { TimedOut } from "../errors/timed-out.ts";

export interface Shutdown {
  /** Aborted as soon as stopping begins; loops and waits listen to it. */
  readonly signal: AbortSignal;
  /** Registers something to close; called in reverse order of registration. */
  onClose(name: string, close: () => Promise<void> | void): void;
  /** Begins (or joins) the stop; resolves when all is closed, rejects with what failed. */
  stop(reason: string): Promise<void>;
}

/** `limitMs` bounds the whole stop (default 10,000); what has not closed by then is named in the error. */
export function createShutdown(options: { readonly limitMs?: number } = {}): Shutdown {
  const limitMs = options.limitMs ?? 10_000;
  const abort = new AbortController();
  const closers: Array<{ name: string; close: () => Promise<void> | void }> = [];
  let stopping: Promise<void> | undefined;

  const closeAll = async (progress: { current: string }): Promise<void> => {
    const failures: unknown[] = [];
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
      progress.current = closer.name;
      try {
        await closer.close();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "Closing failed");
  };

  const stop = async (reason: string): Promise<void> => {
    abort.abort(new Error(`stopping: ${reason}`));
    const progress = { current: "" };
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(
          new TimedOut({
            what: `Closing "${progress.current}"`,
            limitMs,
            remedy: "The process ends anyway; look in its log for what that part was doing.",
          }),
        );
      }, limitMs);
    });
    try {
      await Promise.race([closeAll(progress), limit]);
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    signal: abort.signal,
    onClose: (name, close) => void closers.push({ name, close }),
    stop: (reason) => (stopping ??= stop(reason)),
  };
}
