// `tidegate`: parses the command line, runs one command, ends with its exit code. Commands load when called, so that help is instant.
import { Command, CommanderError } from "commander";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import { installationSettings } from "./installation/settings.ts";
import { SERVICE_NAMES } from "./installation/service-names.ts";
import { createTerminal } from "./terminal/terminal.ts";
import { tellError } from "./terminal/tell-error.ts";
import { UsageRefused } from "./terminal/usage-refused.ts";

const VERSION = "0.1.0";

const env: Record<string, string | undefined> = { ...process.env };
if (process.argv.includes("--no-color")) env["NO_COLOR"] = "1";
const terminal = createTerminal({ stdout: process.stdout, stderr: process.stderr, env });
let exitCode: ExitCode = EXIT.ok;

interface Flags {
  readonly json?: boolean;
  readonly settingsFile?: string;
  readonly [name: string]: unknown;
}

/** The flags of the installation's settings, as `--name value` again, for the one place that parses settings. */
function settingFlags(flags: Flags): string[] {
  return Object.values(installationSettings).flatMap((one) => {
    if (!("flag" in one)) return [];
    const given = flags[one.flag.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())];
    return typeof given === "string" ? [`--${one.flag}`, given] : [];
  });
}

function withSettings(command: Command, only?: readonly string[]): Command {
  for (const one of Object.values(installationSettings)) {
    if ("flag" in one && (only?.includes(one.flag) ?? true))
      command.option(`--${one.flag} <value>`, `${one.describe} [${one.env.join(", ")}]`);
  }
  // Not --env-file: Node takes that name for itself wherever it stands on the command line.
  return command.option(
    "--settings-file <path>",
    "Read settings from this file too; flags and the environment go first",
  );
}

const run = (flags: Flags) => ({
  terminal,
  argv: settingFlags(flags),
  env,
  envFile: flags.settingsFile,
  isJson: flags.json === true,
});

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
    "\nStart with: tidegate up\nExit codes: 0 ok, 1 failed, 2 plan has changes, 64 usage, 69 a part is down, 75 try again, 77 not allowed, 130 interrupted.",
  )
  .configureOutput({
    writeErr: (text) => terminal.talk(text.trimEnd()),
    // Told below, with code and remedy.
    outputError: () => undefined,
    writeOut: (text) => terminal.data(text.trimEnd()),
  })
  .exitOverride();

withSettings(program.command("up").description("Start the whole local installation and watch it"))
  .option("--detach", "Return once everything is healthy and leave it running")
  .action(async (flags: Flags) => {
    const { up } = await import("./commands/up.ts");
    exitCode = await up({ ...run(flags), isDetached: flags["detach"] === true });
  });

withSettings(program.command("down").description("Stop the installation, in order"), ["home"]).action(
  async (flags: Flags) => {
    const { down } = await import("./commands/down.ts");
    exitCode = await down(run(flags));
  },
);

withSettings(program.command("status").description("Show address, pid and state of every part and service"), ["home"])
  .option("--json", "As one JSON document")
  .action(async (flags: Flags) => {
    const { status } = await import("./commands/status.ts");
    exitCode = await status(run(flags));
  });

withSettings(
  program.command("logs").description("Show a service's log").argument("<service>", SERVICE_NAMES.join(", ")),
  ["home"],
)
  .option("-f, --follow", "Go on as lines are written")
  .option("-n, --lines <count>", "How many of the last lines", "50")
  .action(async (service: string, flags: Flags) => {
    const { logs } = await import("./commands/logs.ts");
    exitCode = await logs({
      ...run(flags),
      service,
      isFollowing: flags["follow"] === true,
      lines: String(flags["lines"]),
    });
  });

withSettings(program.command("config").description("Explain the settings").argument("<verb>", "explain"))
  .argument("[service]", "installation or market-indexer", "installation")
  .option("--json", "As one JSON document")
  .action(async (verb: string, service: string, flags: Flags) => {
    const { config } = await import("./commands/config.ts");
    exitCode = config({ ...run(flags), verb, service });
  });

program
  .command("demo")
  .description("A guided tour that checks what it shows")
  .argument("[chapter]", "index; default all")
  .option("--sabotage", "Break the result before it is checked; the tour must then fail")
  .action(async (chapter: string | undefined, flags: Flags) => {
    const { demo } = await import("./commands/demo.ts");
    exitCode = await demo({ terminal, chapter, isSabotaged: flags["sabotage"] === true });
  });

program
  .command("test")
  .description("Run every test that this machine can run, and name what it cannot")
  .argument("[files...]", "Only test files whose path contains one of these")
  .option("--nothing-missing", "A test that cannot run here counts as failed")
  .action(async (filters: string[], flags: Flags) => {
    const { test } = await import("./commands/test.ts");
    exitCode = await test(terminal, { filters, nothingMissing: flags["nothingMissing"] === true });
  });

program
  .command("version")
  .description("Show the versions of Tidegate and its Node")
  .action(() => terminal.data(`tidegate ${VERSION} on Node ${process.version}`));

try {
  await program.parseAsync(process.argv);
} catch (error) {
  // Showing help is an "error" of Commander's too.
  if (error instanceof CommanderError && error.exitCode === 0) exitCode = EXIT.ok;
  else {
    const told = error instanceof CommanderError ? new UsageRefused(error) : error;
    exitCode = tellError(terminal, told, process.argv.includes("--json"));
  }
}
process.exitCode = exitCode;
