// What a release says about a function: `releases/<tag>/functions.json`.
import { readFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import * as z from "zod";
import { functionName } from "./function-name.ts";

const functionSpec = z.strictObject({
  handler: z
    .string()
    .regex(/^[^#\0]+#[A-Za-z_$][\w$]*$/, "must be `path#export`")
    .describe("Module and name of its export; the path is relative to the release's folder, or absolute."),
  env: z
    .record(z.string(), z.string())
    .default({})
    .describe("Added to the environment that the functions are given; ${RELEASE_DIR} is replaced."),
  timeoutMs: z.int().min(1).max(86_400_000).default(300_000).describe("It is ended after this long. Default 300,000."),
});

const functionsManifest = z.strictObject({ tag: z.string(), functions: z.record(functionName, functionSpec) });

/** The form in which functions.json is written: what has a default may be left out. */
export type FunctionsManifest = z.input<typeof functionsManifest>;

export interface FunctionSpec {
  /** Absolute. */
  readonly handlerFile: string;
  readonly exportName: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Absolute: the folder of the release. */
  readonly releaseDir: string;
}

/** The spec, or in one sentence why there is none that can be used. */
export function readFunctionSpec(
  releasesDir: string,
  tag: string,
  name: string,
): { readonly spec: FunctionSpec } | { readonly problem: string } {
  const releaseDir = resolve(releasesDir, tag);
  const file = join(releaseDir, "functions.json");
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const why = error instanceof SyntaxError ? "is not JSON" : `gives ${(error as NodeJS.ErrnoException).code}`;
    return { problem: `${file} ${why}` };
  }
  const parsed = functionsManifest.safeParse(json);
  if (!parsed.success) return { problem: `${file}: ${z.prettifyError(parsed.error).replaceAll("\n", " ")}` };
  const { functions } = parsed.data;
  if (parsed.data.tag !== tag) return { problem: `the tag in ${file} says "${parsed.data.tag}"` };
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (found === undefined)
    return { problem: `the release "${tag}" has the functions: ${Object.keys(functions).join(", ")}` };
  const [path = "", exportName = ""] = found.handler.split("#");
  const handlerFile = resolve(releaseDir, path);
  if (!isAbsolute(path) && !isWithin(releaseDir, handlerFile))
    return { problem: `the handler ${path} leads out of the release's folder` };
  const env = Object.fromEntries(
    Object.entries(found.env).map(([key, value]) => [key, value.replaceAll("${RELEASE_DIR}", releaseDir)]),
  );
  return { spec: { handlerFile, exportName, env, timeoutMs: found.timeoutMs, releaseDir } };
}

function isWithin(folder: string, file: string): boolean {
  const path = relative(folder, file);
  return path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}
