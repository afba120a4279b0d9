// A flag that is a length of time.
import { EXIT, TidegateError } from "@tidegate/kernel";
import { parseDuration } from "../watch/duration.ts";
import { textFlag, type Flags } from "./program-context.ts";

class DurationInvalid extends TidegateError {
  override readonly name = "DurationInvalid";
  constructor(facts: { readonly flag: string; readonly value: string }) {
    super({
      code: "usage.duration-invalid",
      message: `${facts.flag} ${facts.value} is no length of time. Nothing was started.`,
      remedy: "Give it as 250ms, 30s, 5m, 2h or 1d.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

/** In milliseconds; undefined when it was not given. */
export function durationFlag(flags: Flags, name: string, flag: string): number | undefined {
  const value = textFlag(flags, name);
  if (value === undefined) return undefined;
  const ms = parseDuration(value);
  if (ms === undefined) throw new DurationInvalid({ flag, value });
  return ms;
}
