// `tidegate runs show`: all of one run, and `export`: the same with its events, as one document.
import { runDetailSchema, runExportSchema, type RunDetailView } from "@tidegate/contract";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import type { CommandInput } from "../../installation/command-input.ts";
import { findOperator } from "../../operator-client/find-operator.ts";
import { table } from "../../terminal/table.ts";
import { duration } from "../../watch/duration.ts";

export async function showRun(input: CommandInput, runId: string): Promise<ExitCode> {
  const client = await findOperator(input);
  const run = await client.get(`/v1/runs/${encodeURIComponent(runId)}`, runDetailSchema);
  if (input.isJson) input.terminal.data(JSON.stringify(run));
  else for (const line of runLines(run)) input.terminal.data(line);
  return EXIT.ok;
}

export async function exportRun(input: CommandInput, runId: string): Promise<ExitCode> {
  const client = await findOperator(input);
  const document = await client.get(`/v1/runs/${encodeURIComponent(runId)}/export`, runExportSchema);
  input.terminal.data(JSON.stringify(document, undefined, 2));
  return EXIT.ok;
}

function runLines(run: RunDetailView): readonly string[] {
  const facts: ReadonlyArray<readonly [string, string | null]> = [
    ["run", run.id],
    ["operation", `${run.operation} v${run.version}: ${run.title}`],
    ["state", run.state],
    ["by", `${run.createdBy} at ${run.createdAt}`],
    ["reason", run.reason],
    ["lock", run.lock],
    ["executor", run.executor === null ? null : `${run.executor}, token ${run.fence}`],
    ["waits", run.waiting === null ? null : `for ${run.waiting.kind} "${run.waiting.name}" until ${run.waiting.until}`],
    ["asks", run.waiting?.question ?? null],
    ["stuck", run.stuck],
    ["parent", run.parentId],
    ["plan", run.plan === null ? run.planId : `${run.planId ?? "its own"}: ${run.plan.summary}`],
    ["input", short(run.input)],
    ["result", run.result === undefined ? null : short(run.result)],
    ["error", run.error === null ? null : `${run.error.message} (${run.error.code})`],
    ["do", run.error?.remedy ?? null],
  ];
  const steps = run.steps.map((step) => [
    `  ${step.name}`,
    step.kind,
    step.state,
    String(step.attempts),
    duration((step.endedAt === null ? Date.now() : Date.parse(step.endedAt)) - Date.parse(step.startedAt)),
    step.error?.message ?? (step.result === undefined ? "" : short(step.result)),
  ]);
  return [
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(10)} ${value}`])),
    ...(steps.length === 0 ? [] : table([["  STEP", "KIND", "STATE", "TRIES", "TOOK", "RESULT"], ...steps])),
  ];
}

const SHOWN = 200;

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "";
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (\`tidegate runs export\` has all)` : text;
}
