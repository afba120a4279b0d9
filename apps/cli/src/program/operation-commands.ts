// `tidegate OPERATION plan|apply`, `tidegate run OPERATION`, `tidegate operations`, `tidegate locks`.
import type { Command } from "commander";
import { durationFlag } from "./duration-flag.ts";
import { commandInput, textFlag, withOperator, type Flags, type ProgramContext } from "./program-context.ts";

const collect = (value: string, values: readonly string[]): readonly string[] => [...values, value];

function withInput(command: Command): Command {
  return command
    .option("--input <file>", "Its input as JSON; - reads stdin. Default {}")
    .option("--set <name=value>", "One field of the input; may be given again", collect, [])
    .addHelpText("after", "\nFields of the operation are flags too: --upgrade-tag v2 is --set upgrade_tag=v2.")
    .allowUnknownOption()
    .allowExcessArguments();
}

function withStart(command: Command): Command {
  return command
    .option("-y, --yes", "Do not ask; what destroys needs --confirm all the same")
    .option("--confirm <target>", "The name of the target, for what destroys")
    .option("--no-input", "Never ask anything")
    .option("--key <key>", "The same key starts nothing twice")
    .option("--reason <text>", "Why, for those who find the lock held")
    .option("--lock-wait <time>", "How long to wait for the lock: 30s, 5m. Default: refuse at once")
    .option("--detach", "Start it and return");
}

const inputFlags = (flags: Flags, fields: readonly string[]) => ({
  input: typeof flags["input"] === "string" ? flags["input"] : undefined,
  set: (flags["set"] ?? []) as readonly string[],
  fields,
});

interface Words {
  readonly planId: string | undefined;
  readonly fields: readonly string[];
}

/** What follows a flag that none of ours took is no plan, but that flag's value. */
function planAndFields(words: readonly string[]): Words {
  const [first, ...rest] = words;
  return first === undefined || first.startsWith("--")
    ? { planId: undefined, fields: words }
    : { planId: first, fields: rest };
}

async function runApply(
  context: ProgramContext,
  operation: string,
  { planId, fields }: Words,
  flags: Flags,
): Promise<void> {
  const { apply } = await import("../commands/operations/apply.ts");
  const code = await apply(commandInput(context, flags), operation, {
    ...inputFlags(flags, fields),
    planId,
    isYes: flags["yes"] === true,
    canAsk: flags["ask"] !== false && context.terminal.canAsk,
    confirm: textFlag(flags, "confirm"),
    key: textFlag(flags, "key"),
    reason: textFlag(flags, "reason"),
    lockWaitMs: durationFlag(flags, "lockWait", "--lock-wait"),
    isDetached: flags["detach"] === true,
  });
  context.end(code);
}

/** Operations are known to the operator alone; a word that is called like one becomes one. */
export function addOperation(program: Command, context: ProgramContext, name: string): void {
  const operation = program.command(name, { hidden: true }).description(`The operation ${name}`);
  withOperator(
    withInput(operation.command("plan").description("Show what it would do; exit 2 when it would do anything")),
  ).action(async (flags: Flags, command: Command) => {
    const { plan } = await import("../commands/operations/plan.ts");
    context.end(await plan(commandInput(context, flags), name, inputFlags(flags, command.args)));
  });
  withOperator(
    withStart(
      withInput(
        operation
          .command("apply")
          .description("Do it: a plan that was shown, or a new one")
          .argument("[plan]", "Id of a plan"),
      ),
    ),
  ).action(async (_plan: string | undefined, flags: Flags, command: Command) =>
    runApply(context, name, planAndFields(command.args), flags),
  );
}

export function addOperationCommands(program: Command, context: ProgramContext): void {
  withOperator(program.command("operations").description("List the operations of the installation")).action(
    async (flags: Flags) => {
      const { listOperations } = await import("../commands/operations/list.ts");
      context.end(await listOperations(commandInput(context, flags)));
    },
  );
  withOperator(
    withStart(
      withInput(
        program.command("run").description("Plan and apply an operation, and watch it").argument("<operation>"),
      ),
    ),
  ).action(async (name: string, flags: Flags, command: Command) =>
    runApply(context, name, { planId: undefined, fields: command.args.slice(1) }, flags),
  );
  withOperator(program.command("locks").description("Show held locks: holder, run, age, reason")).action(
    async (flags: Flags) => {
      const { locks } = await import("../commands/locks.ts");
      context.end(await locks(commandInput(context, flags)));
    },
  );
}
