// `tidegate up|down|status|logs|release|config|version`.
import type { Command } from "commander";
import { SERVICE_NAMES } from "../installation/service-names.ts";
import { commandInput, textFlag, withSettings, type Flags, type ProgramContext } from "./program-context.ts";

export function addInstallationCommands(program: Command, context: ProgramContext): void {
  withSettings(program.command("up").description("Start the whole local installation and watch it"))
    .option("--detach", "Return once everything is healthy and leave it running")
    .action(async (flags: Flags) => {
      const { up } = await import("../commands/up.ts");
      context.end(await up({ ...commandInput(context, flags), isDetached: flags["detach"] === true }));
    });
  withSettings(
    program.command("release").description("Write a release of this checkout, to upgrade to; starts nothing"),
  )
    .option("--tag <name>", "Its tag; default one that changes with code and settings")
    .option("--json", "As one JSON document")
    .action(async (flags: Flags) => {
      const { release } = await import("../commands/release.ts");
      context.end(release({ ...commandInput(context, flags), tag: textFlag(flags, "tag") }));
    });
  withSettings(program.command("down").description("Stop the installation, in order"), ["home"]).action(
    async (flags: Flags) => {
      const { down } = await import("../commands/down.ts");
      context.end(await down(commandInput(context, flags)));
    },
  );
  withSettings(program.command("status").description("Show address, pid and state of every part and service"), ["home"])
    .option("--json", "As one JSON document")
    .action(async (flags: Flags) => {
      const { status } = await import("../commands/status.ts");
      context.end(await status(commandInput(context, flags)));
    });
  withSettings(
    program.command("logs").description("Show a service's log").argument("<service>", SERVICE_NAMES.join(", ")),
    ["home"],
  )
    .option("-f, --follow", "Go on as lines are written")
    .option("-n, --lines <count>", "How many of the last lines", "50")
    .action(async (service: string, flags: Flags) => {
      const { logs } = await import("../commands/logs.ts");
      const lines = String(flags["lines"]);
      context.end(
        await logs({ ...commandInput(context, flags), service, isFollowing: flags["follow"] === true, lines }),
      );
    });
  withSettings(program.command("config").description("Explain the settings").argument("<verb>", "explain"))
    .argument("[service]", "installation, market-indexer, bazooka or auxo", "installation")
    .option("--json", "As one JSON document")
    .action(async (verb: string, service: string, flags: Flags) => {
      const { config } = await import("../commands/config.ts");
      context.end(config({ ...commandInput(context, flags), verb, service }));
    });
}
