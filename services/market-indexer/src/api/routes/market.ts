// GET /v1/market: how far the index is.
import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Queryable } from "@tidegate/postgres";
import { NothingIndexed } from "../errors.ts";
import { exactInteger } from "../format/exact-integer.ts";
import { isoTime } from "../format/iso-time.ts";
import { noParameters } from "../parameters.ts";
import { lastBlock } from "../queries/last-block.ts";
import type { StoredChain } from "../queries/stored-chain.ts";
import { marketSchema } from "../schemas.ts";
import { badRequest, failures, notFound } from "./responses.ts";

const route = createRoute({
  method: "get",
  path: "/v1/market",
  operationId: "getMarket",
  summary: "Chain and last indexed block",
  tags: ["Market"],
  request: { query: noParameters },
  responses: {
    200: { description: "How far the index is.", content: { "application/json": { schema: marketSchema } } },
    ...badRequest,
    ...notFound("No block is indexed yet."),
    ...failures,
  },
});

export function addMarketRoute(
  app: OpenAPIHono,
  deps: { readonly pool: Queryable; readonly storedChain: StoredChain },
): void {
  app.openapi(route, async (c) => {
    const chainId = await deps.storedChain();
    const last = await lastBlock(deps.pool);
    if (last === undefined) throw new NothingIndexed();
    const body = {
      chain_id: exactInteger(chainId),
      last_indexed_block: exactInteger(last.block),
      last_indexed_block_timestamp: exactInteger(last.block_timestamp),
      last_indexed_block_timestamp_iso: isoTime(last.block_timestamp),
    };
    return c.json(body, 200, { "cache-control": "public, max-age=10" });
  });
}
