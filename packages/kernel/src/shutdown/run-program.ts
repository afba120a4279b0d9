// How a long-running program begins and ends: signals, closing in order, the last words, the exit code.
import { describeError } from "../errors/describe-error.ts";
import { EXIT, TidegateError } from "../errors/tidegate-error.ts";
import type { Logger } from "../log/logger.ts";
import { createShutdown, type Shutdown } from "./shutdown.ts";

export interface Program {
  readonly logger: Logger;
  /** Where its last words come from, as the log's `at`. */
  readonly at: string;
  /** Resolves when there is nothing left to do; see `untilStopped` for a server. */
  readonly main: (shutdown: Shutdown) => Promise<void>;
}

/** Runs until `main` ends or SIGTERM or SIGINT stops it, closes what was opened, and ends the process with the documented exit code. */
export async function runProgram({ logger, at, main }: Program): Promise<never> {
  const shutdown = createShutdown();
  let signalled: NodeJS.Signals | undefined;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (signalled === undefined) logger.info(at, "Stopping", { signal });
      signalled ??= signal;
      shutdown.stop(signal).catch(() => undefined);
    });
  }
  let code: number = EXIT.ok;
  try {
    await main(shutdown);
  } catch (error) {
    // What a stop interrupts fails, as it should.
    if (signalled === undefined) {
      const known = error instanceof TidegateError ? { code: error.code, remedy: error.remedy } : {};
      logger.error(at, describeError(error), { ...known, error });
      code = error instanceof TidegateError ? error.exit : EXIT.failed;
    }
  }
  try {
    await shutdown.stop("the end");
  } catch (error) {
    logger.error(at, "Closing failed", { error });
    code = EXIT.failed;
  }
  process.exit(code);
}

/** Resolves when stopping begins: the rest of a server's life once it listens. */
export async function untilStopped({ signal }: Shutdown): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
