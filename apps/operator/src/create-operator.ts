// The operator as a Hono app: its own health, status and metrics, and the market's read API under the same origin.
import type { ErrorBody, Health } from "@tidegate/contract";
import { Hono } from "hono";
import type { Engine } from "@tidegate/engine";
import type { Secret } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import { statusOf } from "./api/answer-error.ts";
import { serveApi } from "./api/serve-api.ts";
import type { ReadTokens } from "./auth/read-tokens.ts";
import { EndpointUnknown } from "./errors.ts";
import { operatorMetrics } from "./metrics/operator-metrics.ts";
import { processFacts } from "./metrics/process-facts.ts";
import { PROMETHEUS_CONTENT_TYPE, prometheusText } from "./metrics/prometheus-text.ts";
import { contractError } from "./status/contract-error.ts";
import { readStatus, type StatusDeps } from "./status/read-status.ts";

export type OperatorEvent =
  /** A source of the status could not be read; the status says so too. */
  | { readonly code: "operator.source-failed"; readonly error: unknown }
  /** Something was done, and its outcome is not in the audit log, which says "tried". */
  | { readonly code: "operator.audit-failed"; readonly error: unknown }
  /** A request ended with a 5xx of the operator's own. */
  | { readonly code: "operator.request-failed"; readonly path: string; readonly error: unknown };

export interface OperatorDeps extends StatusDeps {
  readonly pool: Pool;
  /** The market's read API; it keeps its own errors, headers and CORS. */
  readonly marketApi: { readonly fetch: (request: Request) => Response | Promise<Response> };
  /** Throws EngineNotOpen while there is none. */
  readonly engine: () => Engine;
  /** Undefined when the operator was given none: then nobody is anybody, and the API answers 401. */
  readonly readTokens: ReadTokens | undefined;
  /** Never recorded in the audit log; the tokens are added. Default none. */
  readonly secrets?: readonly Secret[];
  /** Aborted when the operator stops. */
  readonly stopping: AbortSignal;
  readonly onEvent?: (event: OperatorEvent) => void;
}

/** What of the market's API is served here. Its /health is not: this origin's /health is the operator's. */
const MARKET_PATHS = ["/v1/market", "/v1/market/*", "/docs", "/openapi.json", "/openapi.yaml"];

/** Creates the app; it starts nothing. Serve it with `app.fetch`. */
export function createOperator(deps: OperatorDeps): Hono {
  const app = new Hono();

  app.get("/health", (c) => c.json({ status: "healthy", service: "operator" } satisfies Health, 200, NO_STORE));
  app.get("/status", async (c) => c.json(await currentStatus(deps), 200, NO_STORE));
  app.get("/metrics", async (c) => {
    const metrics = operatorMetrics(await currentStatus(deps), processFacts());
    return c.body(prometheusText(metrics), 200, { ...NO_STORE, "content-type": PROMETHEUS_CONTENT_TYPE });
  });
  const onAuditTrouble = (error: unknown): void => deps.onEvent?.({ code: "operator.audit-failed", error });
  serveApi(app, { ...deps, version: deps.operator.version, onAuditTrouble });
  for (const path of MARKET_PATHS) app.all(path, async (c) => deps.marketApi.fetch(c.req.raw));

  app.notFound((c) =>
    c.json(errorBody(new EndpointUnknown({ method: c.req.method, path: c.req.path })), 404, NO_STORE),
  );
  app.onError((error, c) => {
    const status = statusOf(error);
    if (status >= 500) deps.onEvent?.({ code: "operator.request-failed", path: c.req.path, error });
    const headers = status === 503 ? { ...NO_STORE, "retry-after": "1" } : NO_STORE;
    return c.json(errorBody(error), status, headers);
  });
  return app;
}

const NO_STORE = { "cache-control": "no-store" };

async function currentStatus(deps: OperatorDeps) {
  const { status, errors } = await readStatus(deps);
  for (const error of errors) deps.onEvent?.({ code: "operator.source-failed", error });
  return status;
}

function errorBody(error: unknown): ErrorBody {
  return { error: contractError(error) };
}
