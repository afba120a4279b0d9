// What the last `up` was told, for commands that are run without its settings: which real parts it uses. Holds no secret.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { redactUrl } from "@tidegate/kernel";
import { z } from "zod";
import type { InstallationConfig } from "./settings.ts";

const externalSchema = z.object({ name: z.string(), address: z.string() });
const installedSchema = z.object({ external: z.array(externalSchema) });

/** A part that is not started here: a real one that settings named. */
export type ExternalPart = z.infer<typeof externalSchema>;

const fileOf = (home: string): string => join(home, "installed.json");

/** The real parts that these settings name, their URLs without passwords and keys. */
export function externalParts(config: InstallationConfig): readonly ExternalPart[] {
  const database =
    config.database === undefined ? [] : [{ name: "postgres", address: redactUrl(config.database.reveal()) }];
  return [...database, ...(config.rpcUrls ?? []).map((url) => ({ name: "chain", address: redactUrl(url) }))];
}

export function writeInstalled(home: string, config: InstallationConfig): void {
  mkdirSync(home, { recursive: true });
  writeFileSync(`${fileOf(home)}.new`, `${JSON.stringify({ external: externalParts(config) })}\n`);
  renameSync(`${fileOf(home)}.new`, fileOf(home));
}

/** Empty for a home in which `up` never ran. */
export function readExternalParts(home: string): readonly ExternalPart[] {
  let text: string;
  try {
    text = readFileSync(fileOf(home), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return installedSchema.parse(JSON.parse(text)).external;
}
