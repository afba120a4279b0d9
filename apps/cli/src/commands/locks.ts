// `tidegate locks`: who holds what, with which run, why and for how long.
import { locksSchema } from "@tidegate/contract";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import type { CommandInput } from "../installation/command-input.ts";
import { findOperator } from "../operator-client/find-operator.ts";
import { table } from "../terminal/table.ts";
import { duration } from "../watch/duration.ts";

export async function locks(input: CommandInput): Promise<ExitCode> {
  const client = await findOperator(input);
  const held = (await client.get("/v1/locks", locksSchema)).locks;
  if (input.isJson) input.terminal.data(JSON.stringify({ locks: held }));
  else if (held.length === 0) input.terminal.talk("No lock is held.");
  else {
    const rows = held.map((lock) => [
      lock.name,
      lock.holder,
      lock.runId,
      duration(Date.now() - Date.parse(lock.acquiredAt)),
      lock.reason ?? "",
    ]);
    for (const line of table([["LOCK", "HOLDER", "RUN", "AGE", "REASON"], ...rows])) input.terminal.data(line);
  }
  return EXIT.ok;
}
