// `tidegate schedules ...` and `tidegate tokens ...`.
import type { Command } from "commander";
import { durationFlag } from "./duration-flag.ts";
import { commandInput, textFlag, withOperator, type Flags, type ProgramContext } from "./program-context.ts";

export function addScheduleCommands(program: Command, context: ProgramContext): void {
  const schedules = program.command("schedules").description("List and steer schedules");
  const load = async () => import("../commands/schedules/schedules.ts");
  withOperator(schedules.command("ls").description("List schedules with their next and last ticks")).action(
    async (flags: Flags) => {
      context.end(await (await load()).listSchedules(commandInput(context, flags)));
    },
  );
  addSet(schedules, context);
  withOperator(schedules.command("rm").description("Remove a schedule; its runs stay").argument("<name>")).action(
    async (name: string, flags: Flags) => {
      context.end(await (await load()).removeSchedule(commandInput(context, flags), name));
    },
  );
  for (const verb of ["pause", "resume"] as const) {
    const words = verb === "pause" ? "Fire no more until it is resumed" : "Go on with the next tick from now";
    withOperator(schedules.command(verb).description(words).argument("<name>")).action(
      async (name: string, flags: Flags) => {
        context.end(await (await load()).steerSchedule(commandInput(context, flags), name, verb));
      },
    );
  }
  withOperator(
    schedules.command("run-now").description("Start its run now, outside the ticks").argument("<name>"),
  ).action(async (name: string, flags: Flags) => {
    context.end(await (await load()).runScheduleNow(commandInput(context, flags), name));
  });
}

function addSet(schedules: Command, context: ProgramContext): void {
  withOperator(schedules.command("set").description("Create or replace a schedule").argument("<name>"))
    .requiredOption("--operation <name>", "What it runs")
    .requiredOption("--cron <expression>", "Five fields, or six with seconds first")
    .option("--time-zone <name>", "IANA name", "UTC")
    .option("--missed <policy>", "What becomes of ticks that nobody was there for: skip, latest, all", "skip")
    .option("--lock-wait <time>", "How long its runs may wait for their lock")
    .option("--input <file>", "Input of its runs as JSON; - reads stdin. Default {}")
    .option(
      "--set <name=value>",
      "One field of the input; may be given again",
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .action(async (name: string, flags: Flags) => {
      const { setSchedule } = await import("../commands/schedules/schedules.ts");
      const { readInput } = await import("../commands/operations/read-input.ts");
      const input = await readInput({
        input: textFlag(flags, "input"),
        set: (flags["set"] ?? []) as readonly string[],
      });
      const schedule = {
        operation: textFlag(flags, "operation") ?? "",
        input,
        cron: textFlag(flags, "cron") ?? "",
        timeZone: textFlag(flags, "timeZone") ?? "UTC",
        // Checked by the operator, which says what is allowed.
        missed: (textFlag(flags, "missed") ?? "skip") as "skip",
        lockWaitMs: durationFlag(flags, "lockWait", "--lock-wait") ?? 0,
      };
      context.end(await setSchedule(commandInput(context, flags), name, schedule));
    });
}

export function addTokenCommands(program: Command, context: ProgramContext): void {
  const tokens = program.command("tokens").description("Say who may use the operator of this installation");
  const load = async () => import("../commands/tokens.ts");
  withOperator(tokens.command("ls").description("List names and roles")).action(async (flags: Flags) => {
    context.end((await load()).listTokens(commandInput(context, flags)));
  });
  withOperator(tokens.command("add").description("Make a token; it is shown once").argument("<name>"))
    .requiredOption("--role <role>", "viewer, operator or admin")
    .action(async (name: string, flags: Flags) => {
      context.end((await load()).createToken(commandInput(context, flags), name, textFlag(flags, "role") ?? ""));
    });
  withOperator(tokens.command("revoke").description("Make a token void").argument("<name>")).action(
    async (name: string, flags: Flags) => {
      context.end((await load()).voidToken(commandInput(context, flags), name));
    },
  );
}
