// A command line that cannot be understood: Commander's words, our code, remedy and exit.
import { EXIT, TidegateError } from "@tidegate/kernel";
import type { CommanderError } from "commander";

export class UsageRefused extends TidegateError {
  override readonly name = "UsageRefused";
  constructor(error: CommanderError) {
    const said =
      error.message === "(outputHelp)"
        ? "No command was given"
        : error.message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
    super({
      code: `usage.${error.code.replace(/^commander\./, "").replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
      message: `${said.charAt(0).toUpperCase()}${said.slice(1)}${/[.)?]$/.test(said) ? "" : "."}`,
      remedy: "`tidegate --help` lists the commands, `tidegate COMMAND --help` the flags of one.",
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
