// What the last `up` was told, for commands that are run without its settings: which real parts it uses, and its ports. Holds no secret.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { redactUrl } from "@tidegate/kernel";
import * as z from "zod";
import { OFF_NAMES, type OffPart } from "./off-part.ts";
import { installationSettings, type InstallationConfig } from "./settings.ts";

const externalSchema = z.object({ name: z.string(), address: z.string() });
const offSchema = z.object({ name: z.enum(OFF_NAMES), reason: z.string(), remedy: z.string() });
const installedSchema = z.object({
  external: z.array(externalSchema),
  off: z.array(offSchema).default([]),
  settings: z.record(z.string(), z.string()).default({}),
});

/** A part that is not started here: a real one that settings named. */
export type ExternalPart = z.infer<typeof externalSchema>;

const fileOf = (home: string): string => join(home, "installed.json");

/** The real parts that these settings name, their URLs without passwords and keys. */
export function externalParts(config: InstallationConfig): readonly ExternalPart[] {
  const database =
    config.database === undefined ? [] : [{ name: "postgres", address: redactUrl(config.database.reveal()) }];
  const kafka = config.kafkaBrokers === undefined ? [] : [{ name: "kafka", address: config.kafkaBrokers }];
  const redis = config.redisUrl === undefined ? [] : [{ name: "redis", address: redactUrl(config.redisUrl.reveal()) }];
  return [
    ...database,
    ...kafka,
    ...redis,
    ...(config.rpcUrls ?? []).map((url) => ({ name: "chain", address: redactUrl(url) })),
  ];
}

export function writeInstalled(home: string, config: InstallationConfig, off: readonly OffPart[]): void {
  mkdirSync(home, { recursive: true });
  const installed = { external: externalParts(config), off, settings: settingsOf(config) };
  writeFileSync(`${fileOf(home)}.new`, `${JSON.stringify(installed)}\n`);
  renameSync(`${fileOf(home)}.new`, fileOf(home));
}

/** All that have a value, by the first name of their variable; neither secrets nor the home itself. */
function settingsOf(config: InstallationConfig): Record<string, string> {
  return Object.fromEntries(
    Object.entries(installationSettings).flatMap(([name, one]) => {
      const value = config[name as keyof InstallationConfig];
      return name === "home" || "secret" in one || value === undefined ? [] : [[one.env[0] ?? name, String(value)]];
    }),
  );
}

export interface Installed {
  readonly external: readonly ExternalPart[];
  readonly off: readonly OffPart[];
  /** By variable; a list comma-separated. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Empty for a home in which `up` never ran. */
export function readInstalled(home: string): Installed {
  let text: string;
  try {
    text = readFileSync(fileOf(home), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { external: [], off: [], settings: {} };
    throw error;
  }
  return installedSchema.parse(JSON.parse(text));
}
