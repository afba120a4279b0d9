// What the groups of commands share: the settings' flags, and how a command is run and ended.
import type { ExitCode } from "@tidegate/kernel";
import type { Command } from "commander";
import type { CommandInput } from "../installation/command-input.ts";
import { installationSettings } from "../installation/settings.ts";
import type { Terminal } from "../terminal/terminal.ts";

export interface Flags {
  readonly json?: boolean;
  readonly settingsFile?: string;
  readonly [name: string]: unknown;
}

export interface ProgramContext {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The exit code of the command that was run. */
  readonly end: (code: ExitCode) => void;
}

/** The flags of the installation's settings, as `--name value` again, for the one place that parses settings. */
function settingFlags(flags: Flags): string[] {
  return Object.values(installationSettings).flatMap((one) => {
    if (!("flag" in one)) return [];
    const given = flags[one.flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    return typeof given === "string" ? [`--${one.flag}`, given] : [];
  });
}

/** Adds the flags of all settings, or of those named. */
export function withSettings(command: Command, only?: readonly string[]): Command {
  for (const one of Object.values(installationSettings)) {
    if ("flag" in one && (only?.includes(one.flag) ?? true))
      command.option(`--${one.flag} <value>`, `${one.describe} [${one.env.join(", ")}]`);
  }
  // Not --env-file: Node takes that name for itself wherever it stands on the command line.
  return command.option(
    "--settings-file <path>",
    "Read settings from this file too; flags and the environment go first",
  );
}

/** Adds what every command that asks the operator takes. */
export function withOperator(command: Command): Command {
  return withSettings(command, ["home"]).option("--json", "As JSON");
}

export function commandInput({ terminal, env }: ProgramContext, flags: Flags): CommandInput {
  return { terminal, argv: settingFlags(flags), env, envFile: flags.settingsFile, isJson: flags.json === true };
}

export function textFlag(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}
