// `tidegate`: parses the command line, runs one command, ends with its exit code.
import { CommanderError } from "commander";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import { createProgram } from "./program/create-program.ts";
import { createTerminal } from "./terminal/terminal.ts";
import { tellError } from "./terminal/tell-error.ts";
import { UsageRefused } from "./terminal/usage-refused.ts";

const env: Record<string, string | undefined> = { ...process.env };
if (process.argv.includes("--no-color")) env["NO_COLOR"] = "1";
const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, env });
let exitCode: ExitCode = EXIT.ok;

const end = (code: ExitCode): void => {
  exitCode = code;
};

try {
  await createProgram({ terminal, env, end }, process.argv.slice(2)).parseAsync(process.argv);
} catch (error) {
  // Showing help is an "error" of Commander's too.
  if (error instanceof CommanderError && error.exitCode === 0) exitCode = EXIT.ok;
  else {
    const told = error instanceof CommanderError ? new UsageRefused(error) : error;
    exitCode = tellError(terminal, told, process.argv.includes("--json"));
  }
}
process.exitCode = exitCode;
