// What a function of this machine runs, in a file that is there whole or not at all.
//
//   <stateDir>/<name>/function.json  which image it runs; written under the function's lock
//   <stateDir>/<name>/log            what its invocations wrote; log.1 is older
import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod";
import { FunctionStateUnreadable } from "../errors.ts";
import { functionName } from "./function-name.ts";

const functionState = z.strictObject({
  version: z.literal(1),
  function: functionName,
  image: z.string(),
  updatedAt: z.iso.datetime(),
});

export type LocalFunctionState = z.infer<typeof functionState>;

const stateFile = (stateDir: string, name: string): string => join(stateDir, name, "function.json");
export const functionLog = (stateDir: string, name: string): string => join(stateDir, name, "log");

/** Undefined when there is no such function; throws FunctionStateUnreadable when its file cannot be understood. */
export function readFunctionState(stateDir: string, name: string): LocalFunctionState | undefined {
  // A name from outside must not lead out of the folder.
  if (!functionName.safeParse(name).success) return undefined;
  const file = stateFile(stateDir, name);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FunctionStateUnreadable({ file, problem: "it is not JSON", cause });
  }
  const parsed = functionState.safeParse(json);
  if (!parsed.success)
    throw new FunctionStateUnreadable({ file, problem: z.prettifyError(parsed.error).replaceAll("\n", " ") });
  if (parsed.data.function !== name)
    throw new FunctionStateUnreadable({ file, problem: `it is about "${parsed.data.function}"` });
  return parsed.data;
}

/** The names of all functions, sorted. */
export function listFunctionStates(stateDir: string): readonly string[] {
  try {
    return readdirSync(stateDir)
      .filter((name) => functionName.safeParse(name).success && hasState(stateDir, name))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function hasState(stateDir: string, name: string): boolean {
  try {
    closeSync(openSync(stateFile(stateDir, name), "r"));
    return true;
  } catch {
    return false;
  }
}

/** Only under the function's lock: the temporary name is fixed, so that a killed writer leaves nothing that the next does not overwrite. */
export function writeFunctionState(stateDir: string, state: LocalFunctionState): void {
  const file = stateFile(stateDir, state.function);
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.tmp`;
  const descriptor = openSync(temporary, "w", 0o600);
  try {
    writeSync(descriptor, `${JSON.stringify(state, undefined, 2)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  flushFolder(dirname(file));
}

function flushFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
