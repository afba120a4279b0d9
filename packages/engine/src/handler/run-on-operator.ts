// The handler as a client: the operator runs it, we wait.
import { contractErrorSchema, outcomeSchema, startedSchema } from "@tidegate/contract";
import { describeError, EXIT, TidegateError, type ExitCode } from "@tidegate/kernel";
import * as z from "zod";
import type { RunOutcome } from "../control/engine.ts";
import type { HandlerMode } from "./choose-mode.ts";
import { endOf, type Ended, type HandlerCall } from "./handler-call.ts";

type ClientMode = Extract<HandlerMode, { kind: "client" }>;

/** The operator bounds one wait; the margin lets its answer come. */
const SLICE_MS = 20_000;
const ANSWER_MS = 10_000;
/** The operator observes before it answers, for up to a minute. */
const START_MS = 75_000;
const AGAIN_MS = 500;

/** The result is the contract's JSON: bigints are decimal strings. */
export async function runOnOperator(mode: ClientMode, call: HandlerCall): Promise<Ended> {
  const { by, key, requestId, input } = call;
  const path = `/v1/operations/${encodeURIComponent(call.operation.name)}/runs`;
  const body = {
    input,
    key,
    keyScope: "unfinished",
    requestId,
    byContract: true,
    reason: `${by}, request ${requestId}`,
  };
  const { runId, isNew } = await steadily(call, async () =>
    ask(mode, { method: "POST", path, body, schema: startedSchema, limitMs: limitOf(call, START_MS) }),
  );
  call.logger.info("run-on-operator.ts#runOnOperator", isNew ? "Run started" : "Attached to the run of this event", {
    runId,
  });
  for (;;) {
    const timeoutMs = Math.min(SLICE_MS, call.waitMs());
    if (timeoutMs <= 0) return endOf("unfinished", runId, { by, goesOn: true });
    const outcome = await steadily(call, async () =>
      ask(mode, {
        method: "GET",
        path: `/v1/runs/${encodeURIComponent(runId)}/wait?timeoutMs=${timeoutMs}`,
        schema: outcomeSchema,
        // Its answer may take longer than it waits; beyond our own deadline nobody is there to hear it.
        limitMs: limitOf(call, timeoutMs + ANSWER_MS) + DEADLINE_SLACK_MS,
      }),
    );
    if (outcome.state !== "unfinished") return endOf(outcomeOf(outcome), runId, { by, goesOn: true });
  }
}

/** Of the margin that the handler keeps back before its deadline, for an answer that comes just then. */
const DEADLINE_SLACK_MS = 1_000;

const limitOf = (call: HandlerCall, mostMs: number): number => Math.max(1, Math.min(mostMs, call.waitMs()));

function outcomeOf(outcome: z.infer<typeof outcomeSchema>): RunOutcome {
  if (outcome.state === "succeeded") return { state: "succeeded", result: outcome.result };
  if (outcome.state !== "failed") return { state: "cancelled" };
  const { code = "error.unforeseen", message = "", remedy } = outcome.error ?? {};
  return {
    state: "failed",
    error: new TidegateError({ code, message, remedy: remedy ?? "Look at the run: `tidegate runs show`." }),
  };
}

/** An operator that is being restarted is asked again while there is time; starting is idempotent by its keys. */
async function steadily<T>(call: HandlerCall, work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isPassing = error instanceof TidegateError && error.retry !== "never";
      if (!isPassing || call.waitMs() <= AGAIN_MS) throw error;
      await call.clock.sleep(AGAIN_MS);
    }
  }
}

interface Ask<T> {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly schema: z.ZodType<T>;
  readonly limitMs: number;
}

async function ask<T>({ url, token }: ClientMode, { method, path, body, schema, limitMs }: Ask<T>): Promise<T> {
  const unreachable = (reason: string, cause?: unknown): TidegateError =>
    new TidegateError({
      code: "handler.operator-unreachable",
      message: `The operator at ${url} cannot be asked: ${reason}.`,
      remedy: "Look at the operator; invoke the handler again with the same event, which attaches to what was started.",
      cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.partDown,
    });
  let response: Response;
  let json: unknown;
  try {
    response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token.reveal()}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(limitMs),
    });
    json = await response.json();
  } catch (cause) {
    throw unreachable(describeError(cause), cause);
  }
  if (!response.ok) {
    const refused = z.object({ error: contractErrorSchema }).safeParse(json);
    if (!refused.success) throw unreachable(`something that is no operator answers there (HTTP ${response.status})`);
    const { error } = refused.data;
    // Of the documented exit codes, by the contract.
    throw new TidegateError({
      ...error,
      details: error.details ?? {},
      exit: (error.exit ?? EXIT.failed) as ExitCode,
      retry: response.status === 503 ? "later" : "never",
    });
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw unreachable("its answer is not of the contract's form");
  return parsed.data;
}
