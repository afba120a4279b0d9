// `tidegate runs cancel|approve|signal|retry|watch|rebuild`.
import { doneSchema, rebuiltSchema } from "@tidegate/contract";
import { EXIT, type ExitCode } from "@tidegate/kernel";
import type { CommandInput } from "../../installation/command-input.ts";
import { findOperator } from "../../operator-client/find-operator.ts";
import { watchRun } from "../../watch/watch-run.ts";

async function post(input: CommandInput, runId: string, verb: string, body: unknown): Promise<void> {
  const client = await findOperator(input);
  await client.send("POST", `/v1/runs/${encodeURIComponent(runId)}/${verb}`, body, doneSchema);
}

function done(input: CommandInput, runId: string, words: string): ExitCode {
  if (input.isJson) input.terminal.data(JSON.stringify({ runId, done: true }));
  else input.terminal.talk(`${words} Watch it with: tidegate runs watch ${runId}`);
  return EXIT.ok;
}

export async function cancelRun(input: CommandInput, runId: string, reason: string | undefined): Promise<ExitCode> {
  await post(input, runId, "cancel", reason === undefined ? {} : { reason });
  return done(input, runId, "It was asked to end; what it has done is undone where it knows how.");
}

export async function approveRun(
  input: CommandInput,
  runId: string,
  answer: { readonly name: string | undefined; readonly isRefused: boolean; readonly comment: string | undefined },
): Promise<ExitCode> {
  const { name, isRefused, comment } = answer;
  await post(input, runId, "approve", {
    approved: !isRefused,
    ...(name === undefined ? {} : { name }),
    ...(comment === undefined ? {} : { comment }),
  });
  return done(input, runId, isRefused ? "Refused." : "Approved.");
}

export async function signalRun(input: CommandInput, runId: string, name: string, value: unknown): Promise<ExitCode> {
  await post(input, runId, `signals/${encodeURIComponent(name)}`, { value });
  return done(input, runId, "Sent.");
}

export async function retryRun(
  input: CommandInput,
  runId: string,
  options: { readonly from: string | undefined; readonly lockWaitMs: number | undefined; readonly isDetached: boolean },
): Promise<ExitCode> {
  const { from, lockWaitMs } = options;
  await post(input, runId, "retry", {
    ...(from === undefined ? {} : { from }),
    ...(lockWaitMs === undefined ? {} : { lockWaitMs }),
  });
  if (options.isDetached) return done(input, runId, "It runs again.");
  return watch(input, runId);
}

export async function watch(input: CommandInput, runId: string): Promise<ExitCode> {
  const client = await findOperator(input);
  return watchRun({ terminal: input.terminal, client, runId, isJson: input.isJson });
}

export async function rebuildRuns(input: CommandInput): Promise<ExitCode> {
  const client = await findOperator(input);
  const { runs } = await client.send("POST", "/v1/runs/rebuild", {}, rebuiltSchema);
  if (input.isJson) input.terminal.data(JSON.stringify({ runs }));
  else
    input.terminal.talk(`${runs} runs were made anew from the engine's history. Look at them with: tidegate runs ls`);
  return EXIT.ok;
}
