// A part that is not there is off, by name and with the remedy; what does not need it goes on.
import { EXIT, TidegateError } from "./tidegate-error.ts";

export class PartIsOff extends TidegateError {
  override readonly name = "PartIsOff";
  constructor(facts: { part: string; reason: string; remedy: string; cause?: unknown }) {
    super({
      code: "part.off",
      message: `The part "${facts.part}" is off: ${facts.reason}.`,
      remedy: facts.remedy,
      details: { part: facts.part },
      cause: facts.cause,
      retry: "never",
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}
