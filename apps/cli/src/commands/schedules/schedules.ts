// `tidegate schedules ls|set|rm|pause|resume|run-now`.
import { doneSchema, schedulesSchema, startedSchema, type ScheduleRequest } from "@tidegate/contract";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import type { CommandInput } from "../../installation/command-input.ts";
import { findOperator } from "../../operator-client/find-operator.ts";
import { table } from "../../terminal/table.ts";

const pathOf = (name: string): string => `/v1/schedules/${encodeURIComponent(name)}`;

export async function listSchedules(input: CommandInput): Promise<ExitCode> {
  const { terminal } = input;
  const client = await findOperator(input);
  const { schedules } = await client.get("/v1/schedules", schedulesSchema);
  if (input.isJson) terminal.data(JSON.stringify({ schedules }));
  else if (schedules.length === 0)
    terminal.talk(
      "There are no schedules. Make one with: tidegate schedules set NAME --operation OPERATION --cron CRON",
    );
  else {
    const rows = schedules.map((one) => [
      one.name,
      one.operation,
      `${one.cron} (${one.timeZone})`,
      one.isPaused ? "paused" : (one.nextTick ?? "never"),
      one.lastTick ?? "-",
      one.lastError ?? one.lastRunId ?? "",
    ]);
    for (const line of table([["NAME", "OPERATION", "CRON", "NEXT", "LAST", "LAST RUN"], ...rows])) terminal.data(line);
  }
  return EXIT.ok;
}

export async function setSchedule(input: CommandInput, name: string, schedule: ScheduleRequest): Promise<ExitCode> {
  const client = await findOperator(input);
  await client.send("PUT", pathOf(name), schedule, doneSchema);
  return said(input, name, "It is set. Look at it with: tidegate schedules ls");
}

export async function removeSchedule(input: CommandInput, name: string): Promise<ExitCode> {
  const client = await findOperator(input);
  await client.send("DELETE", pathOf(name), {}, doneSchema);
  return said(input, name, "It is removed; its runs stay.");
}

export async function steerSchedule(input: CommandInput, name: string, verb: "pause" | "resume"): Promise<ExitCode> {
  const client = await findOperator(input);
  await client.send("POST", `${pathOf(name)}/${verb}`, {}, doneSchema);
  return said(
    input,
    name,
    verb === "pause" ? `It is paused. Go on with: tidegate schedules resume ${name}` : "It goes on with the next tick.",
  );
}

export async function runScheduleNow(input: CommandInput, name: string): Promise<ExitCode> {
  const client = await findOperator(input);
  const { runId } = await client.send("POST", `${pathOf(name)}/run-now`, {}, startedSchema);
  if (input.isJson) input.terminal.data(JSON.stringify({ runId }));
  else input.terminal.data(runId);
  input.terminal.talk(`Watch it with: tidegate runs watch ${runId}`);
  return EXIT.ok;
}

function said(input: CommandInput, name: string, words: string): ExitCode {
  if (input.isJson) input.terminal.data(JSON.stringify({ name, done: true }));
  else input.terminal.talk(words);
  return EXIT.ok;
}
