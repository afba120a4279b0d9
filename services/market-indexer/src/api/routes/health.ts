// GET /health: can this API answer, that is, does its database?
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { TimedOut } from "@tidegate/kernel";
import type { Queryable } from "@tidegate/postgres";
import { SchemaMissing } from "../errors.ts";
import { isSchemaThere } from "../queries/is-schema-there.ts";
import { healthSchema } from "../schemas.ts";
import { failures } from "./responses.ts";

const route = createRoute({
  method: "get",
  path: "/health",
  operationId: "getHealth",
  summary: "Whether the API can answer",
  tags: ["Utility"],
  responses: {
    200: { description: "It can.", content: { "application/json": { schema: healthSchema } } },
    503: failures[503],
  },
});

/** Unknown query parameters are let through here: probes add their own. */
export function addHealthRoute(
  app: OpenAPIHono,
  deps: { readonly pool: Queryable; readonly healthLimitMs: number },
): void {
  app.openapi(route, async (c) => {
    const isThere = await withinLimit(isSchemaThere(deps.pool), deps.healthLimitMs);
    if (!isThere) throw new SchemaMissing();
    return c.json({ status: "healthy" as const, service: "indexer-api" as const }, 200, {
      "cache-control": "no-store",
    });
  });
}

async function withinLimit<T>(answer: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const facts = {
      what: "An answer of the database",
      limitMs,
      remedy: "Check that PostgreSQL runs and is not overloaded.",
    };
    timer = setTimeout(() => reject(new TimedOut(facts)), limitMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
