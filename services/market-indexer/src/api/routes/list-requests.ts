// GET /v1/market/requests: all requests, page by page, newest first.
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Queryable } from "@tidegate/postgres";
import { exactInteger } from "../format/exact-integer.ts";
import { listParameters } from "../parameters.ts";
import { listRequests } from "../queries/list-requests.ts";
import type { StoredChain } from "../queries/stored-chain.ts";
import { encodeCursor } from "../request-cursor.ts";
import { requestObject } from "../request-object.ts";
import { requestListSchema } from "../schemas.ts";
import { badRequest, failures, notFound } from "./responses.ts";

const route = createRoute({
  method: "get",
  path: "/v1/market/requests",
  operationId: "listRequests",
  summary: "All requests, page by page, newest first",
  tags: ["Market"],
  request: { query: listParameters },
  responses: {
    200: { description: "One page.", content: { "application/json": { schema: requestListSchema } } },
    ...badRequest,
    ...notFound("Nothing is indexed yet, and the API was not told its chain."),
    ...failures,
  },
});

export function addListRequestsRoute(
  app: OpenAPIHono,
  deps: { readonly pool: Queryable; readonly storedChain: StoredChain },
): void {
  app.openapi(route, async (c) => {
    const { cursor, limit, sort_by: sortBy } = c.req.valid("query");
    const chainId = await deps.storedChain();
    const page = await listRequests(deps.pool, { sortBy, limit, after: cursor });
    const body = {
      chain_id: exactInteger(chainId),
      data: page.rows.map(requestObject),
      next_cursor: page.next === undefined ? null : encodeCursor(page.next),
      has_more: page.next !== undefined,
    };
    return c.json(body, 200, { "cache-control": "public, max-age=10" });
  });
}
