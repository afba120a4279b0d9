// From what Lambda received to the nine flags: a direct event, or an API Gateway event whose body carries them, base64 or not.
import { readEventFields, shownValue } from "@tidegate/engine";
import { FLAGS } from "../constants.ts";
import { EventInvalid } from "../errors.ts";
import { bazookaInput, type BazookaInput } from "../types.ts";

/** Throws EventInvalid that names every problem. A field that is neither a flag nor the envelope's is refused: it may be a flag misspelt. */
export function parseEvent(event: unknown): BazookaInput {
  const { fields, problems } = readEventFields(event, FLAGS);
  const untrue = Object.entries(fields)
    .filter(([name, value]) => isFlag(name) && typeof value !== "boolean")
    .map(([name, value]) => `${name} is ${shownValue(value)}, not true or false`);
  if (problems.length + untrue.length > 0) throw new EventInvalid({ problems: [...untrue, ...problems] });
  return bazookaInput.parse(fields);
}

function isFlag(name: string): boolean {
  return (FLAGS as readonly string[]).includes(name);
}
