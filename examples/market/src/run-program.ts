// How both programs begin and end: settings, signals, the last words, the exit code.
import { createShutdown, describeError, EXIT, TidegateError, type Logger, type Shutdown } from "@tidegate/kernel";

/** Runs until `main` ends or a signal stops it; ends the process with the code of the documented table. */
export async function runProgram(
  logger: Logger,
  at: string,
  main: (shutdown: Shutdown) => Promise<void>,
): Promise<never> {
  const shutdown = createShutdown();
  let isSignalled = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      isSignalled = true;
      shutdown.stop(signal).catch((error: unknown) => logger.error(at, "stopping failed", { error }));
    });
  }
  let code: number = EXIT.ok;
  try {
    await main(shutdown);
  } catch (error) {
    // What a stop interrupts fails, as it should.
    if (!isSignalled) {
      logger.error(at, describeError(error), { error });
      code = error instanceof TidegateError ? error.exit : EXIT.failed;
    }
  }
  try {
    await shutdown.stop("the end");
  } catch (error) {
    logger.error(at, "stopping failed", { error });
    code = EXIT.failed;
  }
  process.exit(code);
}
