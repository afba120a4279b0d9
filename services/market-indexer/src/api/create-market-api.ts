// The read API as a Hono app: routes, errors, CORS. Whoever serves it brings the pool and listens to its events.
import { OpenAPIHono } from "@hono/zod-openapi";
import { systemClock, type Clock } from "@tidegate/kernel";
import type { Queryable } from "@tidegate/postgres";
import { cors } from "hono/cors";
import { ENDPOINT_NOT_FOUND, errorResponse } from "./error-response.ts";
import { refuseBadParameters } from "./parameters.ts";
import { createStoredChain } from "./queries/stored-chain.ts";
import { addGetRequestRoute } from "./routes/get-request.ts";
import { addHealthRoute } from "./routes/health.ts";
import { addListRequestsRoute } from "./routes/list-requests.ts";
import { addMarketRoute } from "./routes/market.ts";
import { addOpenApiRoutes } from "./routes/openapi.ts";

export type MarketApiEvent =
  | {
      readonly code: "market-api.answered";
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly durationMs: number;
    }
  /** A 5xx was sent; the error says why, and its text went to no client. */
  | { readonly code: "market-api.failed"; readonly path: string; readonly status: number; readonly error: unknown };

export interface MarketApiDeps {
  /** A reader suffices. Give it a statement timeout: one query is all that a request waits for. */
  readonly pool: Queryable;
  /** The chain that must be in the database; default whichever is. */
  readonly chainId?: bigint | undefined;
  /** How long `/health` waits for the database. Default 2,000. */
  readonly healthLimitMs?: number;
  readonly clock?: Clock;
  readonly onEvent?: (event: MarketApiEvent) => void;
}

/** Creates the app; it holds no connection and starts nothing. Serve it with `app.fetch`. */
export function createMarketApi(deps: MarketApiDeps): OpenAPIHono {
  const { pool, clock = systemClock, onEvent } = deps;
  const app = new OpenAPIHono({ defaultHook: refuseBadParameters });

  app.use(async (c, next) => {
    const startMs = clock.monotonicMs();
    await next();
    const durationMs = Math.round(clock.monotonicMs() - startMs);
    onEvent?.({
      code: "market-api.answered",
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      durationMs,
    });
  });
  app.use(cors({ origin: "*", allowMethods: ["GET", "HEAD", "OPTIONS"], maxAge: 300 }));
  app.notFound((c) => c.json(ENDPOINT_NOT_FOUND, 404, { "cache-control": "no-store" }));
  app.onError((error, c) => {
    const { status, body, headers } = errorResponse(error);
    if (status >= 500) onEvent?.({ code: "market-api.failed", path: c.req.path, status, error });
    return c.json(body, status, headers);
  });

  const storedChain = createStoredChain(pool, deps.chainId);
  addHealthRoute(app, { pool, healthLimitMs: deps.healthLimitMs ?? 2_000 });
  addMarketRoute(app, { pool, storedChain });
  addListRequestsRoute(app, { pool, storedChain });
  addGetRequestRoute(app, { pool, storedChain });
  addOpenApiRoutes(app);
  return app;
}
