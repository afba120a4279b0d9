// A name that is none of those we know, with the nearest one.
import { closestName, EXIT, TidegateError } from "@tidegate/kernel";

export class UnknownName extends TidegateError {
  override readonly name = "UnknownName";
  constructor(facts: { what: string; name: string; known: readonly string[] }) {
    const close = closestName(facts.name, facts.known);
    super({
      code: "usage.unknown-name",
      message: `"${facts.name}" is no ${facts.what}.${close === undefined ? "" : ` Did you mean "${close}"?`}`,
      remedy: `Use one of ${facts.known.join(", ")}.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
