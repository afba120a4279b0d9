// Runs: reading them.
import {
  eventsQuerySchema,
  outcomeSchema,
  runDetailSchema,
  runExportSchema,
  runPageSchema,
  runsQuerySchema,
  storedEventsSchema,
  waitQuerySchema,
} from "@tidegate/contract";
import type { Engine, StoredEvent } from "@tidegate/engine";
import { describeError, TidegateError } from "@tidegate/kernel";
import { plainJson } from "../plain-json.ts";
import { route, type AnyRoute } from "../route.ts";
import { given } from "./operations.ts";

const LONGEST_WAIT_MS = 25_000;

export const runRoutes: readonly AnyRoute[] = [
  route({
    method: "get",
    path: "/v1/runs",
    summary: "Runs, newest first",
    role: "viewer",
    query: runsQuerySchema,
    answer: runPageSchema,
    handle: async ({ deps, query }) => {
      const { limit, ...filter } = given(query);
      return {
        body: plainJson(
          await deps.engine.list({ ...filter, ...(limit === undefined ? {} : { limit: Number(limit) }) }),
        ),
      };
    },
  }),
  route({
    method: "get",
    path: "/v1/runs/{id}",
    summary: "One run with its steps",
    role: "viewer",
    answer: runDetailSchema,
    handle: async ({ deps, params }) => ({ body: plainJson(await deps.engine.get(params["id"] ?? "")) }),
  }),
  route({
    method: "get",
    path: "/v1/runs/{id}/wait",
    summary: `Wait for the end of a run, at most ${LONGEST_WAIT_MS} ms`,
    role: "viewer",
    query: waitQuerySchema,
    answer: outcomeSchema,
    handle: async ({ deps, params, query, signal }) => {
      const timeoutMs = Math.min(Number(query.timeoutMs ?? LONGEST_WAIT_MS), LONGEST_WAIT_MS);
      const outcome = await deps.engine.wait(params["id"] ?? "", { timeoutMs, signal });
      if (outcome === "unfinished") return { body: { state: "unfinished" } };
      if (outcome.state !== "failed") return { body: plainJson(outcome) };
      return { body: { state: "failed", error: errorView(outcome.error) } };
    },
  }),
  route({
    method: "get",
    path: "/v1/runs/{id}/events",
    summary: "Events of a run after a number; as server-sent events with `Accept: text/event-stream`",
    role: "viewer",
    query: eventsQuerySchema,
    answer: storedEventsSchema,
    handle: async ({ deps, params, query }) => {
      const runId = params["id"] ?? "";
      await deps.engine.get(runId);
      const events = await deps.engine.events(runId, BigInt(query.after ?? 0));
      return { body: { events: events.map(plainJson) } };
    },
  }),
  route({
    method: "get",
    path: "/v1/runs/{id}/export",
    summary: "All of a run as one document",
    role: "viewer",
    answer: runExportSchema,
    handle: async ({ deps, params }) => {
      const run = await deps.engine.get(params["id"] ?? "");
      const events = await allEvents(deps.engine, run.id);
      return { body: plainJson({ exportedAt: new Date(), run, events }) };
    },
  }),
];

async function allEvents(engine: Engine, runId: string): Promise<readonly StoredEvent[]> {
  const events: StoredEvent[] = [];
  for (;;) {
    const page = await engine.events(runId, events.at(-1)?.seq ?? 0n);
    if (page.length === 0) return events;
    events.push(...page);
  }
}

function errorView(error: Error): { readonly code: string; readonly message: string; readonly remedy: string | null } {
  const message = describeError(error);
  if (error instanceof TidegateError) return { code: error.code, message, remedy: error.remedy };
  return { code: "error.unforeseen", message, remedy: null };
}
