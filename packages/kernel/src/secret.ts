// A value that must never reach a log, a journal, an event or a screen.
import { inspect } from "node:util";

const REDACTED = "[secret]";

/** Holds a string that prints, serialises and inspects as `[secret]`. Only `reveal()` gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}

/** A URL for people: user, password and the last path segments and queries that carry API keys are replaced by `***`. */
export function redactUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return "(not a URL)";
  }
  const credentials = parsed.username === "" ? "" : `${parsed.username}${parsed.password === "" ? "" : ":***"}@`;
  const isDatabase = parsed.protocol === "postgres:" || parsed.protocol === "postgresql:";
  const path =
    isDatabase || parsed.pathname.length <= 1 ? parsed.pathname : parsed.pathname.replace(/[^/]{12,}/g, "***");
  return `${parsed.protocol}//${credentials}${parsed.host}${path}${parsed.search === "" ? "" : "?***"}`;
}
