// What every command about the installation is given, and the installation that follows from it.
import { closestName, ConfigInvalid, loadSettings } from "@tidegate/kernel";
import { auxoSettings } from "@tidegate/auxo/settings";
import { bazookaSettings } from "@tidegate/bazooka/settings";
import { indexerSettings } from "@tidegate/market-indexer/settings";
import type { Terminal } from "../terminal/terminal.ts";
import { installationPaths, type InstallationPaths } from "./paths.ts";
import { installationPorts, type InstallationPorts } from "./ports.ts";
import { installationSettings, type InstallationConfig } from "./settings.ts";

export interface CommandInput {
  readonly terminal: Terminal;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly envFile: string | undefined;
  readonly isJson: boolean;
}

export interface UpInput extends CommandInput {
  readonly isDetached: boolean;
}

export interface Installation {
  readonly config: InstallationConfig;
  readonly paths: InstallationPaths;
  readonly ports: InstallationPorts;
}

/** Reads the settings; throws ConfigInvalid, also for a misspelt TIDEGATE_ variable. */
export function readInstallation(input: CommandInput): Installation {
  refuseMisspeltVariables(input.env);
  const otherKeys = [indexerSettings, bazookaSettings, auxoSettings].flatMap((settings) =>
    Object.values(settings).flatMap(({ env }) => env),
  );
  const { values } = loadSettings(installationSettings, {
    argv: input.argv,
    env: input.env,
    envFile: input.envFile,
    otherKeys,
  });
  return { config: values, paths: installationPaths(values.home), ports: installationPorts(values.portBase) };
}

/** An unknown TIDEGATE_ variable that is nearly a known one is a slip that would be silently ignored otherwise. */
function refuseMisspeltVariables(env: CommandInput["env"]): void {
  const known = Object.values(installationSettings).flatMap((one) =>
    one.env.filter((key) => key.startsWith("TIDEGATE_")),
  );
  const problems = Object.keys(env).flatMap((key) => {
    const close = key.startsWith("TIDEGATE_") && !known.includes(key) ? closestName(key, known) : undefined;
    return close === undefined ? [] : [{ path: key, problem: `is not a known variable; did you mean ${close}?` }];
  });
  if (problems.length > 0) throw new ConfigInvalid(problems);
}
