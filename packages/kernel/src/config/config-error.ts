// What a bad setting says: its name, the value, the allowed form.
import { EXIT, TidegateError } from "../errors/tidegate-error.ts";

export interface ConfigProblem {
  /** The setting as the reader wrote it: `--interval`, `RPC_URL`, or its own name when it was left out. */
  readonly path: string;
  /** The value given, redacted where it is secret; undefined when none was. */
  readonly value?: string | undefined;
  readonly problem: string;
}

export class ConfigInvalid extends TidegateError {
  override readonly name = "ConfigInvalid";
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map((one) => `${one.path}${one.value === undefined ? "" : `=${one.value}`}: ${one.problem}`);
    super({
      code: "config.invalid",
      message: `${problems.length === 1 ? "A setting is" : `${problems.length} settings are`} not usable. ${lines.join("; ")}.`,
      remedy:
        "Correct it where it was given. `tidegate config explain` lists every setting, its form and where it comes from.",
      details: { problems },
      blame: "user",
      exit: EXIT.usage,
    });
    this.problems = problems;
  }
}
