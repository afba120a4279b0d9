// `tidegate runs ...`.
import type { Command } from "commander";
import { durationFlag } from "./duration-flag.ts";
import { commandInput, textFlag, withOperator, type Flags, type ProgramContext } from "./program-context.ts";

export function addRunCommands(program: Command, context: ProgramContext): void {
  const runs = program.command("runs").description("List, show, watch and steer runs");
  addReading(runs, context);
  addSteering(runs, context);
}

function addReading(runs: Command, context: ProgramContext): void {
  withOperator(runs.command("ls").description("List runs, newest first"))
    .option("--operation <name>", "Only of this operation")
    .option("--state <state>", "Only in this state: queued, running, waiting, failed, ...")
    .option("--limit <count>", "How many. Default 50")
    .option("--cursor <cursor>", "Go on after an earlier list")
    .action(async (flags: Flags) => {
      const { listRuns } = await import("../commands/runs/list.ts");
      const [operation, state, limit, cursor] = ["operation", "state", "limit", "cursor"].map((name) =>
        textFlag(flags, name),
      );
      context.end(await listRuns(commandInput(context, flags), { operation, state, limit, cursor }));
    });
  withOperator(runs.command("show").description("Show all of a run").argument("<run>")).action(
    async (runId: string, flags: Flags) => {
      const { showRun } = await import("../commands/runs/show.ts");
      context.end(await showRun(commandInput(context, flags), runId));
    },
  );
  withOperator(
    runs.command("export").description("Print a run with all its events as one JSON document").argument("<run>"),
  ).action(async (runId: string, flags: Flags) => {
    const { exportRun } = await import("../commands/runs/show.ts");
    context.end(await exportRun(commandInput(context, flags), runId));
  });
  withOperator(
    runs.command("watch").description("Watch a run to its end; Ctrl-C leaves, the run goes on").argument("<run>"),
  ).action(async (runId: string, flags: Flags) => {
    const { watch } = await import("../commands/runs/steer.ts");
    context.end(await watch(commandInput(context, flags), runId));
  });
}

function addSteering(runs: Command, context: ProgramContext): void {
  withOperator(
    runs
      .command("cancel")
      .description("Ask a run to end, and undo what it has done where it knows how")
      .argument("<run>"),
  )
    .option("--reason <text>", "Why")
    .action(async (runId: string, flags: Flags) => {
      const { cancelRun } = await import("../commands/runs/steer.ts");
      context.end(await cancelRun(commandInput(context, flags), runId, textFlag(flags, "reason")));
    });
  withOperator(runs.command("approve").description("Answer the approval that a run waits for").argument("<run>"))
    .option("--name <name>", "Which one, where it waits for several")
    .option("--refuse", "The answer is no")
    .option("--comment <text>", "What else to say")
    .action(async (runId: string, flags: Flags) => {
      const { approveRun } = await import("../commands/runs/steer.ts");
      const answer = {
        name: textFlag(flags, "name"),
        isRefused: flags["refuse"] === true,
        comment: textFlag(flags, "comment"),
      };
      context.end(await approveRun(commandInput(context, flags), runId, answer));
    });
  withOperator(
    runs
      .command("signal")
      .description("Send a run a signal; it is kept until the run waits for it")
      .argument("<run>")
      .argument("<name>")
      .argument("[value]", "JSON, or text"),
  ).action(async (runId: string, name: string, value: string | undefined, flags: Flags) => {
    const { signalRun } = await import("../commands/runs/steer.ts");
    context.end(
      await signalRun(commandInput(context, flags), runId, name, value === undefined ? null : jsonOrText(value)),
    );
  });
  withOperator(
    runs.command("retry").description("Run an ended run again; earlier steps keep their results").argument("<run>"),
  )
    .option("--from <step>", "From this step on. Default: where it failed or was cancelled")
    .option("--lock-wait <time>", "How long to wait for the lock: 30s, 5m. Default: not at all")
    .option("--detach", "Return at once")
    .action(async (runId: string, flags: Flags) => {
      const { retryRun } = await import("../commands/runs/steer.ts");
      const lockWaitMs = durationFlag(flags, "lockWait", "--lock-wait");
      const options = { from: textFlag(flags, "from"), lockWaitMs, isDetached: flags["detach"] === true };
      context.end(await retryRun(commandInput(context, flags), runId, options));
    });
  withOperator(runs.command("rebuild").description("Make the list of runs anew from the engine's history")).action(
    async (flags: Flags) => {
      const { rebuildRuns } = await import("../commands/runs/steer.ts");
      context.end(await rebuildRuns(commandInput(context, flags)));
    },
  );
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
