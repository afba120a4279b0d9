// Failures that a rehearsal makes on purpose.
import { TidegateError } from "@tidegate/kernel";

export class RehearsedFailure extends TidegateError {
  override readonly name = "RehearsedFailure";
  constructor(facts: { readonly step: string; readonly isPassing: boolean }) {
    super({
      code: "rehearsal.failure",
      message: `Step "${facts.step}" failed, as it was told to.`,
      remedy: facts.isPassing ? "Nothing: it is tried again." : "Retry the run: `tidegate runs retry RUN`.",
      details: facts,
      retry: facts.isPassing ? "now" : "never",
      blame: "user",
    });
  }
}
