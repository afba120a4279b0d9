// What a release has: the names of its services and functions. Of the manifests only that is read here; the rest is for who runs them.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { ReleaseUnreadable } from "../errors.ts";

const servicesSchema = z.object({ tag: z.string(), services: z.record(z.string(), z.unknown()) });
const functionsSchema = z.object({ tag: z.string(), functions: z.record(z.string(), z.unknown()) });

/**
 * The names in `release.json` and `functions.json`, sorted; undefined when the folder has neither. Throws ReleaseUnreadable for one that is
 * not usable, and for a tag that is not the folder's name.
 */
export async function readContents(releasesDir: string, tag: string): Promise<readonly string[] | undefined> {
  const dir = join(releasesDir, tag);
  const services = await readManifest(tag, join(dir, "release.json"), servicesSchema);
  const functions = await readManifest(tag, join(dir, "functions.json"), functionsSchema);
  if (services === undefined && functions === undefined) return undefined;
  return [...Object.keys(services?.services ?? {}), ...Object.keys(functions?.functions ?? {})].sort();
}

async function readManifest<T extends { readonly tag: string }>(
  tag: string,
  file: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ReleaseUnreadable({ release: tag, path: file, problem: `it gives ${code}`, cause });
  }
  const manifest = parse(tag, file, text, schema);
  if (manifest.tag === tag) return manifest;
  throw new ReleaseUnreadable({ release: tag, path: file, problem: `its tag says "${manifest.tag}"` });
}

function parse<T>(tag: string, file: string, text: string, schema: z.ZodType<T>): T {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ReleaseUnreadable({ release: tag, path: file, problem: "it is not JSON", cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problem = parsed.error.issues
    .map((issue) => `${issue.path.length === 0 ? "the file" : issue.path.join(".")}: ${issue.message}`)
    .join("; ");
  throw new ReleaseUnreadable({ release: tag, path: file, problem });
}
