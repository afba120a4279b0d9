// `tidegate runs ls`.
import { runPageSchema, type RunSummaryView } from "@tidegate/contract";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import type { CommandInput } from "../../installation/command-input.ts";
import { findOperator } from "../../operator-client/find-operator.ts";
import { table } from "../../terminal/table.ts";
import { duration } from "../../watch/duration.ts";

export interface ListFlags {
  readonly operation: string | undefined;
  readonly state: string | undefined;
  readonly limit: string | undefined;
  readonly cursor: string | undefined;
}

export async function listRuns(input: CommandInput, flags: ListFlags): Promise<ExitCode> {
  const { terminal } = input;
  const client = await findOperator(input);
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(flags)) if (typeof value === "string") query.set(name, value);
  const page = await client.get(`/v1/runs?${query.toString()}`, runPageSchema);
  if (input.isJson) {
    terminal.data(JSON.stringify(page));
    return EXIT.ok;
  }
  if (page.runs.length === 0) terminal.talk("There are no such runs. `tidegate operations` lists what can be run.");
  else {
    const rows = page.runs.map((run) => [run.id, run.state, took(run), run.createdBy, run.stuck ?? noteOf(run)]);
    for (const line of table([["RUN", "STATE", "TOOK", "BY", "NOTE"], ...rows])) terminal.data(line);
  }
  if (page.next !== null) terminal.talk(`More: tidegate runs ls --cursor ${page.next}`);
  return EXIT.ok;
}

function took(run: RunSummaryView): string {
  if (run.startedAt === null) return "-";
  return duration((run.endedAt === null ? Date.now() : Date.parse(run.endedAt)) - Date.parse(run.startedAt));
}

function noteOf(run: RunSummaryView): string {
  if (run.waiting !== null) return `waits for ${run.waiting.kind} "${run.waiting.name}"`;
  return run.error?.message ?? run.currentStep ?? "";
}
