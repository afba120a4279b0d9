// Where unexpected errors go besides the log. A handler flushes it before it returns, or the report dies with the sandbox.

export interface ErrorReporter {
  /** Queues a report; never throws. */
  report(error: unknown, context?: Readonly<Record<string, unknown>>): void;
  /** Resolves when every queued report was delivered or given up, at the latest after `limitMs`. */
  flush(limitMs: number): Promise<void>;
}

/** Reports nowhere: the default where no key is configured. */
export const silentReporter: ErrorReporter = { report: () => undefined, flush: () => Promise.resolve() };

/** Runs a handler's body; reports what it throws, flushes (at most `limitMs`, default 2,000) and rethrows. */
export async function withReporter<T>(reporter: ErrorReporter, body: () => Promise<T>, limitMs = 2_000): Promise<T> {
  try {
    return await body();
  } catch (error) {
    reporter.report(error);
    throw error;
  } finally {
    await reporter.flush(limitMs);
  }
}
