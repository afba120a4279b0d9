// Signals and approvals: messages to a run, kept until it waits for them.
import { randomUUID } from "node:crypto";
import { DBOS } from "@dbos-inc/dbos-sdk";
import { queryRows } from "@tidegate/postgres";
import * as z from "zod";
import { NothingToApprove, RunEnded, RunUnknown, SignalRefused } from "../errors/run-errors.ts";
import { validateInput } from "../operation/validate-input.ts";
import { getRun } from "../projection/read-runs.ts";
import { encodeMessage, topicOf } from "./durable-wait.ts";
import { eventOf, type EngineDeps } from "./engine-deps.ts";
import { readEnding } from "./run-ending.ts";
import { encode } from "../journal/codec.ts";

/** Throws RunUnknown, RunEnded, SignalRefused. */
export async function sendSignal(
  deps: EngineDeps,
  runId: string,
  signal: { readonly name: string; readonly value: unknown; readonly by: string },
): Promise<void> {
  await assertUnfinished(runId, "sent a signal");
  const schema = await schemaOf(deps, runId, signal.name);
  if (schema !== null) checkValue(runId, signal, schema);
  await send(deps, runId, { kind: "signal", ...signal });
}

/** Throws RunUnknown, RunEnded, NothingToApprove. */
export async function sendApproval(
  deps: EngineDeps,
  runId: string,
  answer: {
    readonly name?: string | undefined;
    readonly approved: boolean;
    readonly comment?: string | undefined;
    readonly by: string;
  },
): Promise<void> {
  await assertUnfinished(runId, "approved");
  const run = await getRun(deps.pool, runId);
  const waiting = run.steps
    .filter((step) => step.kind === "approval" && step.state === "waiting")
    .map((step) => step.name);
  const name = answer.name ?? (waiting.length === 1 ? waiting[0] : undefined);
  if (name === undefined || !waiting.includes(name))
    throw new NothingToApprove({ runId, state: run.state, waiting, name: answer.name });
  const { approved, by } = answer;
  await send(deps, runId, { kind: "approval", name, by, value: { approved, by, comment: answer.comment ?? null } });
}

async function assertUnfinished(runId: string, asked: string): Promise<void> {
  const workflow = await DBOS.getWorkflowStatus(runId);
  if (workflow === null) throw new RunUnknown({ runId });
  const ending = readEnding(workflow);
  if (ending !== undefined) throw new RunEnded({ runId, state: ending.end.state, asked });
}

async function send(
  deps: EngineDeps,
  runId: string,
  {
    kind,
    name,
    value,
    by,
  }: { readonly kind: "signal" | "approval"; readonly name: string; readonly value: unknown; readonly by: string },
): Promise<void> {
  // The value is journaled: no secrets in it.
  encode(value, { what: `The signal "${name}"`, secrets: deps.secrets });
  const message = encodeMessage({ at: deps.clock.now(), by, value });
  await DBOS.send(runId, message, topicOf(kind, name), randomUUID());
  deps.emit(eventOf(deps.clock, "signal.sent", { name, by }, { runId, step: name }));
}

/** What the run said it takes, when it is waiting now; null for anything. */
async function schemaOf(deps: EngineDeps, runId: string, name: string): Promise<unknown> {
  const [row] = await queryRows<{ schema: unknown }>(
    deps.pool,
    `SELECT data -> 'schema' AS schema FROM tidegate_engine.events WHERE run_id = $1 AND code = 'wait.started' AND step = $2 ORDER BY seq DESC LIMIT 1`,
    [runId, name],
  );
  return row?.schema ?? null;
}

function checkValue(runId: string, signal: { readonly name: string; readonly value: unknown }, schema: unknown): void {
  // Made by z.toJSONSchema when the wait began.
  const input = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
  try {
    validateInput({ name: `signal "${signal.name}"`, input }, signal.value);
  } catch (error) {
    throw new SignalRefused({ runId, signal: signal.name, problem: (error as Error).message });
  }
}
