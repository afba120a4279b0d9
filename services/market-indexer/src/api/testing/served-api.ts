// The API on a real port for tests; every answer is held against the schema that its route declares.
import type { z } from "@hono/zod-openapi";
import { createPool, type Pool, type PoolOptions } from "@tidegate/postgres";
import { expect } from "vitest";
import { createMarketApi, type MarketApiDeps, type MarketApiEvent } from "../create-market-api.ts";
import { malformedRequest } from "../error-response.ts";
import { listen } from "../listen.ts";
import { errorSchema } from "../schemas.ts";

export interface Answer<Body = unknown> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface ServedApi extends AsyncDisposable {
  readonly port: number;
  readonly pool: Pool;
  readonly events: readonly MarketApiEvent[];
  /** GET; fails the test when the body is not what the route declares for the status, to the last field. */
  get<Body = unknown>(path: string): Promise<Answer<Body>>;
}

/** Serves an API on a free port with a pool of its own; dispose it at the end. */
export async function serveApi(
  poolOptions: Omit<PoolOptions, "applicationName">,
  deps: Omit<MarketApiDeps, "pool" | "onEvent"> = {},
): Promise<ServedApi> {
  const pool = createPool({ applicationName: "market-api tests", max: 3, ...poolOptions });
  const events: MarketApiEvent[] = [];
  const app = createMarketApi({ ...deps, pool, onEvent: (event) => events.push(event) });
  const server = await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0, refuse: malformedRequest });

  const get = async <Body>(path: string): Promise<Answer<Body>> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    const body: unknown = await response.json();
    const schema = declaredSchema(app, path, response.status) ?? errorSchema;
    expect(schema.parse(body), `${path} answers what it declares for ${response.status}`).toEqual(body);
    return { status: response.status, headers: response.headers, body: body as Body };
  };
  const close = async (): Promise<void> => {
    await server.close();
    await pool.end();
  };
  return { port: server.port, pool, events, get, [Symbol.asyncDispose]: close };
}

type App = ReturnType<typeof createMarketApi>;

function declaredSchema(app: App, path: string, status: number): z.ZodType | undefined {
  const pathname = path.split("?")[0] ?? "";
  for (const definition of app.openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const pattern = new RegExp(`^${definition.route.path.replace(/\{\w+\}/g, "[^/]+")}$`);
    if (!pattern.test(pathname)) continue;
    const response = definition.route.responses[status];
    // Routes declare their answers with zod schemas only, never with references.
    const content = (response as { content?: Record<string, { schema: z.ZodType }> } | undefined)?.content;
    expect(content, `${definition.route.path} declares ${status}`).toBeDefined();
    return content?.["application/json"]?.schema;
  }
  return undefined;
}
