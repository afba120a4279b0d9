// `--name value`, `--name=value` and bare `--name` (true), for services started without the CLI.
import { closestName } from "./closest-name.ts";
import type { ConfigProblem } from "./config-error.ts";

export interface ParsedFlags {
  /** By flag name, without dashes. */
  readonly values: ReadonlyMap<string, string>;
  readonly problems: readonly ConfigProblem[];
}

/** Reads flags; an unknown flag, a repeated one and a stray argument are problems, not guesses. */
export function parseFlags(argv: readonly string[], known: readonly string[]): ParsedFlags {
  const values = new Map<string, string>();
  const problems: ConfigProblem[] = [];
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    if (!argument.startsWith("--")) {
      problems.push({ path: argument, problem: "is not a flag; flags are --name value or --name=value" });
      continue;
    }
    const equals = argument.indexOf("=");
    const name = argument.slice(2, equals === -1 ? undefined : equals);
    if (!known.includes(name)) {
      problems.push({ path: `--${name}`, problem: `is not a known flag${suggestion(name, known)}` });
      continue;
    }
    if (values.has(name)) problems.push({ path: `--${name}`, problem: "is given twice" });
    const next = argv[index + 1];
    if (equals !== -1) values.set(name, argument.slice(equals + 1));
    else if (next !== undefined && !next.startsWith("--")) {
      values.set(name, next);
      index++;
    } else values.set(name, "true");
  }
  return { values, problems };
}

function suggestion(name: string, known: readonly string[]): string {
  const close = closestName(name, known);
  return close === undefined ? "" : `; did you mean --${close}?`;
}
