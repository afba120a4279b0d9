// The routes on Hono: who asks, what they sent, whether they may; recorded, done, answered.
import type { Context, Hono } from "hono";
import { scrub, type Engine } from "@tidegate/engine";
import { Secret, TidegateError } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import { recordAttempt } from "../audit/audit-log.ts";
import { authenticate, authorise } from "../auth/authenticate.ts";
import type { ReadTokens } from "../auth/read-tokens.ts";
import { ForeignOrigin, PathRefused } from "./errors.ts";
import { openApiOf } from "./openapi.ts";
import { readBody, readQuery } from "./read-call.ts";
import type { AnyRoute } from "./route.ts";
import { operationRoutes } from "./routes/operations.ts";
import { recordRoutes } from "./routes/records.ts";
import { runRoutes } from "./routes/runs.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { steeringRoutes } from "./routes/steering.ts";
import { streamEvents } from "./stream-events.ts";

export const apiRoutes: readonly AnyRoute[] = [
  ...operationRoutes,
  ...steeringRoutes,
  ...runRoutes,
  ...scheduleRoutes,
  ...recordRoutes,
];

export interface ApiOptions {
  readonly pool: Pool;
  /** Throws EngineNotOpen while there is none. */
  readonly engine: () => Engine;
  readonly readTokens: ReadTokens | undefined;
  /** Never recorded, whoever sends them; the tokens are added. Default none. */
  readonly secrets?: readonly Secret[];
  readonly version: string;
  /** The outcome of something that was done could not be recorded. */
  readonly onAuditTrouble?: (error: unknown) => void;
  /** Aborted when the operator stops: open streams end, and their clients come back to the next one. */
  readonly stopping: AbortSignal;
}

const NO_STORE = { "cache-control": "no-store" };

export function serveApi(app: Hono, options: ApiOptions): void {
  const document = openApiOf(apiRoutes, options.version);
  app.get("/operator/openapi.json", (c) => c.json(document));
  for (const route of apiRoutes) {
    const path = route.path.replaceAll(/\{(\w+)\}/g, ":$1");
    app[route.method](path, async (c) => answer(c, route, options));
  }
}

async function answer(c: Context, route: AnyRoute, options: ApiOptions): Promise<Response> {
  const who = authenticate(c.req.header("authorization"), options.readTokens);
  const params = c.req.param() as Readonly<Record<string, string>>;
  assertNames(params);
  const { signal } = c.req.raw;
  const query = readQuery(c, route);
  const deps = { engine: options.engine(), pool: options.pool };
  if (route.method === "get") {
    authorise(who, route.role, `GET ${route.path}`);
    if (wantsStream(c, route)) return stream(c, options, params["id"] ?? "");
    const { body } = await route.handle({ deps, params, query, body: undefined, who, signal });
    return c.json(body as object, 200, NO_STORE);
  }
  assertOwnOrigin(c);
  const body = await readBody(c, route);
  const action = `${route.method.toUpperCase()} ${route.path}`;
  const asked = { target: params["id"] ?? params["name"] ?? null, detail: detailOf(body) };
  const recordOutcome = await recordAttempt(options.pool, { who, action, ...withoutSecrets(asked, options) });
  // What was done is answered, whatever becomes of its record, which says "tried" then.
  const record = async (outcome: string): Promise<void> =>
    recordOutcome(outcome).catch((error: unknown) => options.onAuditTrouble?.(error));
  try {
    authorise(who, route.role, action);
    const done = await route.handle({ deps, params, query, body, who, signal });
    await record("ok");
    return c.json(done.body as object, done.status ?? route.status ?? 200, NO_STORE);
  } catch (error) {
    await record(error instanceof TidegateError ? error.code : "error.unforeseen");
    throw error;
  }
}

/** Ids and names in a path are looked up in the database, which has no text with a NUL in it. */
function assertNames(params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (value.isWellFormed() && !value.includes("\0")) continue;
    throw new PathRefused({ name, value });
  }
}

/** A page of another site in the user's browser must not act here, whatever name it gave this address (DNS rebinding). */
function assertOwnOrigin(c: Context): void {
  const origin = c.req.header("origin");
  if (origin === undefined) return;
  const host = URL.canParse(origin) ? new URL(origin).host : "";
  if (host === "" || host !== c.req.header("host")) throw new ForeignOrigin({ origin });
}

function wantsStream(c: Context, route: AnyRoute): boolean {
  return route.path.endsWith("/events") && (c.req.header("accept") ?? "").includes("text/event-stream");
}

async function stream(c: Context, options: ApiOptions, runId: string): Promise<Response> {
  const engine = options.engine();
  // Unknown runs are refused before anything is sent.
  await engine.get(runId);
  const after = c.req.header("last-event-id") ?? c.req.query("after") ?? "0";
  const from = /^\d{1,18}$/.test(after) ? BigInt(after) : 0n;
  const body = streamEvents({
    engine,
    runId,
    after: from,
    signal: AbortSignal.any([c.req.raw.signal, options.stopping]),
  });
  return new Response(body, {
    headers: { ...NO_STORE, "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
  });
}

/** A token that was sent as a reason, or pasted into a path, is not kept for whoever may read the audit log. */
function withoutSecrets<T>(asked: T, { secrets = [], readTokens }: ApiOptions): T {
  const all = [...secrets, ...(readTokens?.() ?? []).map((one) => new Secret(one.token))];
  // Plain JSON, changed in nothing but its texts.
  return JSON.parse(
    JSON.stringify(asked, (_key, item: unknown) => (typeof item === "string" ? scrub(item, all) : item)),
  ) as T;
}

/** What was asked for beside the input, which may be large and is kept with the run. */
function detailOf(body: unknown): Readonly<Record<string, unknown>> {
  if (body === null || typeof body !== "object") return {};
  const { input: _, value: __, ...rest } = body as Readonly<Record<string, unknown>>;
  return rest;
}
