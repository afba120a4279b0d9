// GET /v1/market/requests/{id}: one request id, every digest of it.
import { createRoute, z, type OpenAPIHono } from "@hono/zod-openapi";
import type { Queryable } from "@tidegate/postgres";
import { RequestNotFound } from "../errors.ts";
import { requestIdToHex } from "../format/hex.ts";
import { noParameters, requestIdParameter } from "../parameters.ts";
import { requestsById } from "../queries/requests-by-id.ts";
import type { StoredChain } from "../queries/stored-chain.ts";
import { requestObject } from "../request-object.ts";
import { requestSchema } from "../schemas.ts";
import { badRequest, failures, notFound } from "./responses.ts";

const route = createRoute({
  method: "get",
  path: "/v1/market/requests/{id}",
  operationId: "getRequest",
  summary: "One request id: each digest that was submitted under it, newest first",
  tags: ["Market"],
  request: { params: requestIdParameter, query: noParameters },
  responses: {
    200: { description: "At least one.", content: { "application/json": { schema: z.array(requestSchema) } } },
    ...badRequest,
    ...notFound("No request has this id."),
    ...failures,
  },
});

export function addGetRequestRoute(
  app: OpenAPIHono,
  deps: { readonly pool: Queryable; readonly storedChain: StoredChain },
): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid("param");
    // The answer does not name the chain, but must not come from another one.
    await deps.storedChain();
    const rows = await requestsById(deps.pool, id);
    if (rows.length === 0) throw new RequestNotFound({ requestId: requestIdToHex(id) });
    return c.json(rows.map(requestObject), 200, { "cache-control": "public, max-age=60" });
  });
}
