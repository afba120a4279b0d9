// The input of an operation: from a file, from stdin, or set field by field.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { operationsSchema } from "@tidegate/contract";
import { describeError, EXIT, TidegateError } from "@tidegate/kernel";
import type { OperatorClient } from "../../operator-client/create-client.ts";
import { UnknownName } from "../../terminal/unknown-name.ts";
import { fieldAssignments } from "./field-flags.ts";

export interface InputFlags {
  /** A path, or `-` for stdin. */
  readonly input: string | undefined;
  /** `path.to.field=value`, values as JSON where they are JSON, as text otherwise. */
  readonly set: readonly string[];
}

export interface FieldFlags extends InputFlags {
  /** Flags that none of ours took: the operation's own fields. */
  readonly fields: readonly string[];
}

class InputUnreadable extends TidegateError {
  override readonly name = "InputUnreadable";
  constructor(facts: { readonly flag: string; readonly problem: string; readonly cause?: unknown }) {
    super({
      code: "usage.input-unreadable",
      message: `${facts.flag}: ${facts.problem}. Nothing was started.`,
      remedy: "Give JSON as --input FILE, as --input - on stdin, or fields as --set name=value.",
      details: { flag: facts.flag },
      cause: facts.cause,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export async function readInput(flags: InputFlags): Promise<unknown> {
  const base = flags.input === undefined ? {} : parse(flags.input, await read(flags.input));
  return flags.set.reduce(setField, base);
}

/** Asks the operator for the operation's fields only where flags name some. */
export async function readFields(flags: FieldFlags, operation: string, client: OperatorClient): Promise<unknown> {
  const fields = flags.fields.length === 0 ? [] : await namedFields(flags.fields, operation, client);
  return readInput({ ...flags, set: [...fields, ...flags.set] });
}

async function namedFields(rest: readonly string[], name: string, client: OperatorClient): Promise<readonly string[]> {
  const { operations } = await client.get("/v1/operations", operationsSchema);
  const operation = operations.find((one) => one.name === name);
  if (operation === undefined)
    throw new UnknownName({ what: "operation", name, known: operations.map((one) => one.name) });
  return fieldAssignments(rest, name, operation.inputSchema);
}

async function read(path: string): Promise<string> {
  try {
    return path === "-" ? await text(process.stdin) : readFileSync(path, "utf8");
  } catch (cause) {
    throw new InputUnreadable({ flag: `--input ${path}`, problem: describeError(cause), cause });
  }
}

function parse(path: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new InputUnreadable({ flag: `--input ${path}`, problem: `it is no JSON (${describeError(cause)})`, cause });
  }
}

/** A copy of the input with one field set; the objects on the way are made where they are missing. */
export function setField(input: unknown, assignment: string): unknown {
  const refuse = (problem: string): never => {
    throw new InputUnreadable({ flag: `--set ${assignment}`, problem });
  };
  const equals = assignment.indexOf("=");
  if (equals < 1) return refuse("it is not of the form name=value");
  const path = assignment.slice(0, equals).split(".");
  if (path.some((key) => key === "" || key === "__proto__")) return refuse("a part of its path is empty");
  return put(input, path, valueOf(assignment.slice(equals + 1)), refuse);
}

function put(input: unknown, path: readonly string[], value: unknown, refuse: (problem: string) => never): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  if (input !== undefined && (input === null || typeof input !== "object" || Array.isArray(input))) {
    return refuse(`"${key}" cannot be set: what it would stand in is no object`);
  }
  const object = (input ?? {}) as Readonly<Record<string, unknown>>;
  return { ...object, [key]: put(object[key], rest, value, refuse) };
}

function valueOf(given: string): unknown {
  try {
    return JSON.parse(given);
  } catch {
    return given;
  }
}
