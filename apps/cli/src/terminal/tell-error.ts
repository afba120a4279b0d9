// How an error reads on the terminal: what happened, what to do, its code; with --json, the same as data.
import { describeError, EXIT, serialiseError, TidegateError, type ExitCode } from "@tidegate/kernel";
import type { Terminal } from "./terminal.ts";

/** Prints the error and gives the exit code that it asks for; an error that we did not foresee shows its stack. */
export function tellError(terminal: Terminal, error: unknown, isJson: boolean): ExitCode {
  if (isJson) {
    const { stack: _, ...facts } = serialiseError(error);
    terminal.data(
      JSON.stringify({ error: facts }, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    );
  }
  if (error instanceof TidegateError) {
    terminal.talk(`${terminal.style("red", "error")} ${error.message}`);
    const causes = error.cause === undefined ? "" : describeError(error.cause);
    if (causes !== "" && !error.message.includes(causes)) terminal.talk(`  why   ${causes}`);
    terminal.talk(`  do    ${error.remedy}`);
    terminal.talk(terminal.style("dim", `  code  ${error.code} (exit ${error.exit})`));
    return error.exit;
  }
  terminal.talk(`${terminal.style("red", "error")} ${describeError(error)}`);
  terminal.talk("  do    This is a fault of ours. Please report it with the lines below.");
  if (error instanceof Error && error.stack !== undefined) terminal.talk(terminal.style("dim", error.stack));
  return EXIT.failed;
}
