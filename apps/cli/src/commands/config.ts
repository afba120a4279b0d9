// `tidegate config explain`: every setting, its value, where it came from, and what it means.
import { EXIT, explainSettings, type ExitCode, type Settings } from "@tidegate/kernel";
import { auxoSettings } from "@tidegate/auxo/settings";
import { bazookaSettings } from "@tidegate/bazooka/settings";
import { indexerSettings } from "@tidegate/market-indexer/settings";
import type { CommandInput } from "../installation/command-input.ts";
import { installationSettings } from "../installation/settings.ts";
import { table } from "../terminal/table.ts";
import { UnknownName } from "../terminal/unknown-name.ts";

const SETTINGS: Readonly<Record<string, Settings>> = {
  installation: installationSettings,
  "market-indexer": indexerSettings,
  bazooka: bazookaSettings,
  auxo: auxoSettings,
};

export interface ConfigInput extends CommandInput {
  readonly verb: string;
  readonly service: string;
}

/** Explains the settings of the installation or of a service, as they would be taken now. Secrets show as `[secret]`. */
export function config(input: ConfigInput): ExitCode {
  if (input.verb !== "explain") throw new UnknownName({ what: "verb", name: input.verb, known: ["explain"] });
  const settings = SETTINGS[input.service];
  if (settings === undefined)
    throw new UnknownName({ what: "service", name: input.service, known: Object.keys(SETTINGS) });
  const others = Object.values(SETTINGS).flatMap((one) => Object.values(one).flatMap(({ env }) => env));
  const argv = input.service === "installation" ? input.argv : [];
  const { explained, problems } = explainSettings(settings, {
    argv,
    env: input.env,
    envFile: input.envFile,
    otherKeys: others,
  });
  if (input.isJson) {
    input.terminal.data(JSON.stringify({ settings: explained, problems }, undefined, 2));
    return problems.length === 0 ? EXIT.ok : EXIT.usage;
  }
  const rows = explained.map((one) => [
    one.source,
    one.value,
    one.origin,
    one.inert === undefined ? one.describe : `${one.describe} (no effect yet: ${one.inert})`,
  ]);
  for (const line of table([["FROM", "VALUE", "ORIGIN", "MEANING"], ...rows])) input.terminal.data(line);
  for (const one of problems)
    input.terminal.talk(`problem: ${one.path}${one.value === undefined ? "" : `=${one.value}`} ${one.problem}`);
  return problems.length === 0 ? EXIT.ok : EXIT.usage;
}
