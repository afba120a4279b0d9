// Input from outside against an operation's schema: every problem with its path, its value and what is allowed.
import type { z } from "zod";
import { InputInvalid, type InputProblem } from "../errors/operation-errors.ts";
import type { AnyOperation } from "./operation.ts";

const DEEPEST = 100;
const LONGEST = 1_048_576;
const VALUE_SHOWN = 80;

/** Gives the parsed input; throws InputInvalid and nothing else, whatever `raw` is. */
export function validateInput(operation: Pick<AnyOperation, "name" | "input">, raw: unknown): unknown {
  const refuse = (problems: readonly InputProblem[]): never => {
    throw new InputInvalid({ of: operation.name, problems });
  };
  const size = measure(raw);
  if (size !== undefined) return refuse([{ path: "(input)", problem: size }]);
  const parsed = operation.input.safeParse(raw);
  if (parsed.success) return parsed.data;
  return refuse(parsed.error.issues.flatMap((issue) => problemsOf(issue, raw)));
}

/** What is wrong with the input as a whole; undefined when nothing is. */
function measure(raw: unknown): string | undefined {
  let left = LONGEST;
  const walk = (value: unknown, depth: number): string | undefined => {
    if (depth > DEEPEST) return `must not be nested deeper than ${DEEPEST}`;
    left -= typeof value === "string" ? value.length + 2 : 2;
    if (left < 0) return `must not be larger than ${LONGEST} characters`;
    if (value === null || typeof value !== "object") return undefined;
    for (const [key, item] of Object.entries(value)) {
      left -= key.length + 3;
      const problem = walk(item, depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  return walk(raw, 0);
}

function problemsOf(issue: z.core.$ZodIssue, raw: unknown): readonly InputProblem[] {
  const at = (path: readonly PropertyKey[]): Pick<InputProblem, "path" | "value"> => ({
    path: pathText(path),
    value: shown(path, raw),
  });
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ ...at([...issue.path, key]), problem: "is not a known field" }));
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const ways = issue.errors.flatMap((one) => one.slice(0, 1).map((inner) => sentence(inner)));
    return [{ ...at(issue.path), problem: [...new Set(ways)].join(", or ") }];
  }
  return [{ ...at(issue.path), problem: sentence(issue) }];
}

function sentence(issue: z.core.$ZodIssue): string {
  // A schema's own words are better than ours; zod's are not.
  if (!ZODS_WORDS.test(issue.message)) return issue.message;
  switch (issue.code) {
    case "invalid_type":
      return `must be ${article(issue.expected)}`;
    case "invalid_value":
      return `must be ${issue.values.map((value) => JSON.stringify(value) ?? String(value)).join(" or ")}`;
    case "too_big":
      return bound("at most", issue.maximum, issue.origin);
    case "too_small":
      return bound("at least", issue.minimum, issue.origin);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return issue.message.startsWith("Invalid")
        ? `must be of the form ${issue.format}${issue.pattern === undefined ? "" : ` (${issue.pattern})`}`
        : issue.message;
    case "custom":
    case "invalid_element":
    case "invalid_key":
    case "invalid_union":
    case "unrecognized_keys":
    default:
      return issue.message;
  }
}

const ZODS_WORDS = /^(Invalid|Too |Unrecognized|Expected)/;

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    int: "a whole number",
    number: "a number",
    string: "text",
    boolean: "true or false",
    object: "an object",
    array: "a list",
    bigint: "a whole number",
    record: "an object",
    null: "null",
  };
  return names[expected] ?? `of type ${expected}`;
}

function bound(side: string, limit: number | bigint, origin: string): string {
  if (origin === "string") return `must have ${side} ${limit} characters`;
  if (origin === "array" || origin === "set") return `must have ${side} ${limit} items`;
  return `must be ${side} ${limit}`;
}

function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return "(input)";
  return path
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`))
    .join("");
}

const SECRET_NAME = /pass|token|secret|credential|api.?key|private/i;

/** The value at the path, as JSON, cut; undefined when there is none. A value whose name or form is a secret's is not shown. */
function shown(path: readonly PropertyKey[], raw: unknown): string | undefined {
  let value = raw;
  for (const part of path) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[part];
  }
  if (value === undefined) return undefined;
  if (path.some((part) => SECRET_NAME.test(String(part)))) return "[secret]";
  const text = asJson(value).replaceAll(/:\/\/[^\s"]*@/g, "://[secret]@");
  return text.length > VALUE_SHOWN ? `${text.slice(0, VALUE_SHOWN)}…` : text;
}

function asJson(value: unknown): string {
  try {
    return JSON.stringify(value, (key, item: unknown) => {
      if (SECRET_NAME.test(key)) return "[secret]";
      return typeof item === "bigint" ? item.toString() : item;
    });
  } catch {
    return typeof value;
  }
}
