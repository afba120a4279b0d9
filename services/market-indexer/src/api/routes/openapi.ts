// GET /openapi.json, /openapi.yaml and /docs: the API described from the very schemas that it is checked with.
import type { OpenAPIHono } from "@hono/zod-openapi";
import { stringify } from "yaml";
import { docsPage } from "../docs-page.ts";

const ABOUT = {
  openapi: "3.1.0",
  info: {
    title: "Market indexer API",
    version: "1",
    description:
      "Requests of the market and their status, read from the indexer's database. Amounts are decimal strings in the smallest unit, times are unix seconds, bytes are 0x and lower-case hexadecimal digits.",
  },
};

const CACHED = { "cache-control": "public, max-age=300" };

/** Call it last: the document describes the routes that were added before. */
export function addOpenApiRoutes(app: OpenAPIHono): void {
  const document = app.getOpenAPI31Document(ABOUT);
  const yaml = stringify(document, { aliasDuplicateObjects: false });
  const page = docsPage(document);
  app.get("/openapi.json", (c) => c.json(document, 200, CACHED));
  app.get("/openapi.yaml", (c) => c.body(yaml, 200, { ...CACHED, "content-type": "application/x-yaml" }));
  // One page without scripts or anything from elsewhere: it must work where there is no internet.
  app.get("/docs", async (c) =>
    c.html(await page, 200, { ...CACHED, "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'" }),
  );
}
