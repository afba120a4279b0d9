// `tidegate OPERATION plan`: shows what a run would do; exit 2 when it would do anything.
import { planSchema } from "@tidegate/contract";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import type { CommandInput } from "../../installation/command-input.ts";
import { findOperator } from "../../operator-client/find-operator.ts";
import { readFields, type FieldFlags } from "./read-input.ts";
import { planLines } from "./tell-plan.ts";

export async function plan(input: CommandInput, operation: string, flags: FieldFlags): Promise<ExitCode> {
  const { terminal } = input;
  const client = await findOperator(input);
  const body = { input: await readFields(flags, operation, client) };
  const made = await client.send("POST", `/v1/operations/${encodeURIComponent(operation)}/plans`, body, planSchema);
  if (input.isJson) terminal.data(JSON.stringify(made));
  else {
    for (const line of planLines(made, terminal.style)) terminal.data(line);
    if (made.hasChanges) {
      const confirm = made.destroys ? ` --confirm="${made.draft.target}"` : "";
      terminal.talk(`Do it with: tidegate ${operation} apply ${made.id}${confirm}`);
    }
  }
  return made.hasChanges ? EXIT.changes : EXIT.ok;
}
