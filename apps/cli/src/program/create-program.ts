// The whole command line. Commands load when called, so that help is instant.
import { Command } from "commander";
import { SHELLS, completionScript, completionWords, type Shell } from "./completions.ts";
import { addIndexerCommands } from "./indexer-commands.ts";
import { addInstallationCommands } from "./installation-commands.ts";
import { addOperation, addOperationCommands } from "./operation-commands.ts";
import type { Flags, ProgramContext } from "./program-context.ts";
import { addRunCommands } from "./run-commands.ts";
import { addScheduleCommands, addTokenCommands } from "./schedule-commands.ts";
import { UnknownName } from "../terminal/unknown-name.ts";

const VERSION = "0.1.0";

export function createProgram(context: ProgramContext, argv: readonly string[]): Command {
  const { terminal } = context;
  const program = new Command("tidegate")
    .description(
      "Turns the risky procedures around a market's data into plans you approve and runs that survive kill -9.",
    )
    .version(VERSION, "-V, --version", "Show the version")
    .helpOption("-h, --help", "Show this")
    .option("--no-color", "Plain text (also NO_COLOR, TERM=dumb)")
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      "\nOperations are commands too: `tidegate OPERATION plan`, `tidegate OPERATION apply`; `tidegate operations` lists them." +
        "\nStart with: tidegate up" +
        "\nExit codes: 0 ok, 1 failed, 2 plan has changes, 64 usage, 69 a part is down, 75 try again, 77 not allowed, 130 interrupted.",
    )
    .configureOutput({
      writeErr: (text) => terminal.talk(text.trimEnd()),
      // Told by main, with code and remedy.
      outputError: () => undefined,
      writeOut: (text) => terminal.data(text.trimEnd()),
    })
    .exitOverride();
  addInstallationCommands(program, context);
  addOperationCommands(program, context);
  addRunCommands(program, context);
  addScheduleCommands(program, context);
  addTokenCommands(program, context);
  addIndexerCommands(program, context);
  addTourCommands(program, context);
  const operation = calledOperation(program, argv);
  if (operation !== undefined) addOperation(program, context, operation);
  return program;
}

/** The first word, when it is none of ours and is followed by what one does with an operation. */
function calledOperation(program: Command, argv: readonly string[]): string | undefined {
  const [first, second] = argv;
  const isOurs = program.commands.some((one) => one.name() === first);
  if (first === undefined || isOurs || !/^[a-z][a-z0-9-]*$/.test(first)) return undefined;
  return second === "plan" || second === "apply" ? first : undefined;
}

function addTourCommands(program: Command, context: ProgramContext): void {
  const { terminal } = context;
  program
    .command("demo")
    .description("A guided tour that checks what it shows")
    .argument("[chapter]", "index, operations, bazooka or upgrade; default all")
    .option("--sabotage", "Break the result before it is checked; the tour must then fail")
    .action(async (chapter: string | undefined, flags: Flags) => {
      const { demo } = await import("../commands/demo.ts");
      context.end(await demo({ terminal, chapter, isSabotaged: flags["sabotage"] === true }));
    });
  program
    .command("test")
    .description("Run every test that this machine can run, and name what it cannot")
    .argument("[files...]", "Only test files whose path contains one of these")
    .option("--nothing-missing", "A test that cannot run here counts as failed")
    .action(async (filters: string[], flags: Flags) => {
      const { test } = await import("../commands/test.ts");
      context.end(await test(terminal, { filters, nothingMissing: flags["nothingMissing"] === true }));
    });
  program
    .command("completions")
    .description("Print a script that completes commands and flags in a shell")
    .argument("<shell>", SHELLS.join(", "))
    .action((shell: string) => {
      if (!SHELLS.includes(shell as Shell)) throw new UnknownName({ what: "shell", name: shell, known: SHELLS });
      terminal.data(completionScript(shell as Shell, completionWords(program)));
    });
  program
    .command("version")
    .description("Show the versions of Tidegate and its Node")
    .action(() => terminal.data(`tidegate ${VERSION} on Node ${process.version}`));
}
