// Settings of a process: flag > environment > env file > default, every problem told at once.
import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { Secret } from "../secret.ts";
import { closestName } from "./closest-name.ts";
import { ConfigInvalid, type ConfigProblem } from "./config-error.ts";
import { parseFlags } from "./parse-flags.ts";
import type { Settings, ValuesOf } from "./setting.ts";

export type Origin = "flag" | "environment" | "env file" | "default";

export interface Explained {
  readonly name: string;
  readonly value: string;
  readonly origin: Origin;
  /** The flag or variable it came from, or could come from. */
  readonly source: string;
  readonly describe: string;
  readonly inert?: string;
}

export interface Loaded<S extends Settings> {
  readonly values: ValuesOf<S>;
  readonly explained: readonly Explained[];
  /** Settings that were given though they have no effect in this version. */
  readonly inertGiven: readonly Explained[];
}

export interface LoadInput {
  /** Default none. */
  readonly argv?: readonly string[];
  /** Default none; a process passes process.env. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Path of an env file that must exist; every key in it must be known. */
  readonly envFile?: string | undefined;
  /** Further keys that the env file may hold, because another service reads them. */
  readonly otherKeys?: readonly string[];
}

interface Given {
  readonly raw: string;
  readonly origin: Origin;
  readonly source: string;
}

/** Reads and checks all settings; throws ConfigInvalid that names every problem at once. */
export function loadSettings<S extends Settings>(settings: S, input: LoadInput): Loaded<S> {
  const { problems, ...loaded } = readSettings(settings, input);
  if (problems.length > 0) throw new ConfigInvalid(problems);
  return loaded;
}

/** Reads all settings and explains what is there; problems are returned, not thrown. */
export function explainSettings(
  settings: Settings,
  input: LoadInput,
): { readonly explained: readonly Explained[]; readonly problems: readonly ConfigProblem[] } {
  const { explained, problems } = readSettings(settings, input);
  return { explained, problems };
}

function readSettings<S extends Settings>(
  settings: S,
  input: LoadInput,
): Loaded<S> & { readonly problems: readonly ConfigProblem[] } {
  const entries = Object.entries(settings);
  const flags = parseFlags(
    input.argv ?? [],
    entries.flatMap(([, one]) => (one.flag === undefined ? [] : [one.flag])),
  );
  const file = readEnvFile(input.envFile, [...entries.flatMap(([, one]) => one.env), ...(input.otherKeys ?? [])]);
  const problems: ConfigProblem[] = [...flags.problems, ...file.problems];
  const values: Record<string, unknown> = {};
  const explained: Explained[] = [];
  const inertGiven: Explained[] = [];

  for (const [name, one] of entries) {
    const given = findGiven(one, flags.values, input.env ?? {}, file.values);
    const parsed = one.schema.safeParse(given?.raw);
    if (!parsed.success) {
      const path =
        given?.source ?? `${name} (${[...one.env, ...(one.flag === undefined ? [] : [`--${one.flag}`])].join(", ")})`;
      const allowed = parsed.error.issues.map((issue) => issue.message).join(", ");
      const value = given === undefined ? undefined : one.secret === true ? "[secret]" : JSON.stringify(given.raw);
      problems.push({ path, value, problem: given === undefined ? `is required: ${one.describe}` : allowed });
      continue;
    }
    values[name] = parsed.data;
    const line = explain(name, one, given, parsed.data);
    explained.push(line);
    if (one.inert !== undefined && given !== undefined) inertGiven.push(line);
  }
  return { values: values as ValuesOf<S>, explained, inertGiven, problems };
}

function findGiven(
  one: Settings[string],
  flags: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string | undefined>>,
  file: Readonly<Record<string, string | undefined>>,
): Given | undefined {
  const flagged = one.flag === undefined ? undefined : flags.get(one.flag);
  if (flagged !== undefined) return { raw: flagged, origin: "flag", source: `--${one.flag}` };
  for (const [origin, holder] of [
    ["environment", env],
    ["env file", file],
  ] as const) {
    for (const key of one.env) {
      const raw = holder[key];
      // The seeds' own instructions export optional variables as "": empty means not given.
      if (raw !== undefined && raw !== "") return { raw, origin, source: key };
    }
  }
  return undefined;
}

function explain(name: string, one: Settings[string], given: Given | undefined, value: unknown): Explained {
  const shown = one.secret === true && value !== undefined ? "[secret]" : show(value);
  return {
    name,
    value: shown,
    origin: given?.origin ?? "default",
    source: given?.source ?? [...one.env, ...(one.flag === undefined ? [] : [`--${one.flag}`])].join(", "),
    describe: one.describe,
    ...(one.inert === undefined ? {} : { inert: one.inert }),
  };
}

function show(value: unknown): string {
  if (value === undefined) return "(none)";
  if (value instanceof Secret) return value.toString();
  return typeof value === "string"
    ? value
    : (JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner)) ??
        "(none)");
}

function readEnvFile(
  path: string | undefined,
  known: readonly string[],
): { values: Readonly<Record<string, string | undefined>>; problems: readonly ConfigProblem[] } {
  if (path === undefined) return { values: {}, problems: [] };
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return { values: {}, problems: [{ path, problem: `cannot be read: ${(error as Error).message}` }] };
  }
  const values = parseEnv(text);
  const problems = Object.keys(values)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const close = closestName(key, known);
      return {
        path: `${key} in ${path}`,
        problem: `is not a known key${close === undefined ? "" : `; did you mean ${close}?`}`,
      };
    });
  return { values, problems };
}
