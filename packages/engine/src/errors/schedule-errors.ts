// What can be wrong with a schedule.
import { EXIT, TidegateError } from "@tidegate/kernel";

export class ScheduleInvalid extends TidegateError {
  override readonly name = "ScheduleInvalid";
  constructor(facts: {
    readonly schedule: string;
    readonly field: string;
    readonly value: string;
    readonly problem: string;
  }) {
    super({
      code: "engine.schedule-invalid",
      message: `Schedule "${facts.schedule}": ${facts.field} = ${facts.value} ${facts.problem}. Nothing was changed.`,
      remedy: "Correct it and set the schedule again.",
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}

export class ScheduleUnknown extends TidegateError {
  override readonly name = "ScheduleUnknown";
  constructor(facts: { readonly schedule: string; readonly known: readonly string[] }) {
    super({
      code: "engine.schedule-unknown",
      message: `There is no schedule "${facts.schedule}". Nothing was changed.`,
      remedy: facts.known.length === 0 ? "There are none yet." : `Use one of: ${facts.known.join(", ")}.`,
      details: facts,
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
