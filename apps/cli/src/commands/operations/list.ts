// `tidegate operations`: what this installation can do.
import { operationsSchema } from "@tidegate/contract";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import type { CommandInput } from "../../installation/command-input.ts";
import { findOperator } from "../../operator-client/find-operator.ts";
import { table } from "../../terminal/table.ts";

export async function listOperations(input: CommandInput): Promise<ExitCode> {
  const client = await findOperator(input);
  const { operations } = await client.get("/v1/operations", operationsSchema);
  if (input.isJson) input.terminal.data(JSON.stringify({ operations }));
  else {
    const rows = operations.map((one) => [
      one.name,
      one.danger,
      one.versions.map((version) => `v${version}`).join(" "),
      one.title,
    ]);
    for (const line of table([["NAME", "DANGER", "VERSIONS", "TITLE"], ...rows])) input.terminal.data(line);
    input.terminal.talk("Plan one with: tidegate NAME plan");
  }
  return EXIT.ok;
}
