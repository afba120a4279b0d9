// `tidegate indexer ...`.
import type { Command } from "commander";
import { commandInput, textFlag, withOperator, type Flags, type ProgramContext } from "./program-context.ts";

export function addIndexerCommands(program: Command, context: ProgramContext): void {
  const indexer = program.command("indexer").description("Look after the market indexer's tables");
  const letters = indexer.command("dead-letters").description("Logs of the market that do not decode");
  const load = async () => import("../commands/indexer/dead-letters.ts");
  withOperator(letters.command("ls").description("List them with their reasons"))
    .option("--limit <number>", "How many are listed; default 100")
    .action(async (flags: Flags) => {
      context.end(await (await load()).listDeadLetters(commandInput(context, flags), textFlag(flags, "limit")));
    });
  withOperator(letters.command("retry").description("Decode them again, all or one, and store what decodes now"))
    .option("--block <number>", "Block of the one that is meant")
    .option("--log-index <number>", "Its index in the block")
    .action(async (flags: Flags) => {
      const which = { block: textFlag(flags, "block"), logIndex: textFlag(flags, "logIndex") };
      context.end(await (await load()).retryDeadLetters(commandInput(context, flags), which));
    });
}
