// What a function threw, as plain data that fits into an answer.
import type { ThrownFacts } from "./messages.ts";

/** Longer texts are cut: an error may hold a whole statement or answer. */
const TEXT_LIMIT = 10_000;

export function describeThrown(thrown: unknown): ThrownFacts {
  if (typeof thrown !== "object" || thrown === null) return { name: "NonError", message: cut(String(thrown)) };
  const { name, message, code, remedy } = thrown as Readonly<Record<string, unknown>>;
  return {
    name: typeof name === "string" ? cut(name) : "NonError",
    message: typeof message === "string" ? cut(message) : cut(jsonOf(thrown)),
    ...(typeof code === "string" || typeof code === "number" ? { code: cut(String(code)) } : {}),
    ...(typeof remedy === "string" ? { remedy: cut(remedy) } : {}),
  };
}

function jsonOf(value: object): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "an object that is not JSON";
  }
}

function cut(text: string): string {
  return text.length <= TEXT_LIMIT ? text : `${text.slice(0, TEXT_LIMIT)} … (${text.length} characters)`;
}
