// `tidegate release`: writes a release of this checkout and the settings of `up`, for `tidegate upgrade`. Nothing is started or changed.
import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { EXIT, TidegateError, type ExitCode } from "@tidegate/kernel";
import { readInstallation, type CommandInput, type Installation } from "../installation/command-input.ts";
import { externalParts, readInstalled, type ExternalPart, type Installed } from "../installation/installed.ts";
import { installationSettings } from "../installation/settings.ts";
import { writeRelease } from "../installation/write-release.ts";

class TagInvalid extends TidegateError {
  override readonly name = "TagInvalid";
  constructor(facts: { readonly tag: string }) {
    super({
      code: "usage.tag-invalid",
      message: `"${facts.tag}" is no tag of a release. Nothing was written.`,
      remedy: "Use letters, digits, dots, dashes and underscores, at most 128, beginning with a letter or digit.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

/** What `up` was told as a secret is not kept; a release without it would send services to an embedded part that does not run. */
class PartsUnnamed extends TidegateError {
  override readonly name = "PartsUnnamed";
  constructor(facts: { readonly home: string; readonly parts: readonly ExternalPart[] }) {
    const parts = facts.parts.map((one) => `${one.name} at ${one.address}`).join(" and ");
    super({
      code: "release.parts-unnamed",
      message: `The installation in ${facts.home} uses ${parts}, and these settings do not name it. Nothing was written.`,
      remedy: "Set the variables and flags that `tidegate up` was given.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

/** The tag on stdout. */
export function release(input: CommandInput & { readonly tag: string | undefined }): ExitCode {
  const { terminal, tag } = input;
  if (tag !== undefined && !/^[A-Za-z0-9][\w.-]{0,127}$/.test(tag)) throw new TagInvalid({ tag });
  const { home } = readInstallation(input).paths;
  const installed = readInstalled(home);
  const installation = readInstallation({ ...input, env: { ...input.env, ...kept(installed, input) } });
  assertNamed(installed, installation);
  const made = writeRelease(installation, installed.off, tag);
  if (input.isJson) terminal.data(JSON.stringify({ tag: made.tag, services: Object.keys(made.services) }));
  else terminal.data(made.tag);
  terminal.talk(`Upgrade to it with: tidegate upgrade plan --upgrade-tag ${made.tag}`);
  return EXIT.ok;
}

/** Of the settings that `up` had, those that are not given now; a flag goes before them anyway. */
function kept({ settings }: Installed, { env, envFile }: CommandInput): Record<string, string> {
  const file = envFile !== undefined && existsSync(envFile) ? parseEnv(readFileSync(envFile, "utf8")) : {};
  const isGiven = (key: string): boolean => [env, file].some((one) => (one[key] ?? "") !== "");
  return Object.fromEntries(
    Object.values(installationSettings).flatMap(({ env: [first = "", ...more] }) => {
      const value = settings[first];
      return value === undefined || [first, ...more].some(isGiven) ? [] : [[first, value]];
    }),
  );
}

function assertNamed({ external }: Installed, { config, paths }: Installation): void {
  const named = new Set(externalParts(config).map((one) => one.name));
  const parts = external.filter((one) => !named.has(one.name));
  if (parts.length > 0) throw new PartsUnnamed({ home: paths.home, parts });
}
