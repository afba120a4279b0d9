// The API over the real engine on a database of its own, asked without a socket.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDurableEngine, type AnyOperation, type Engine } from "@tidegate/engine";
import { createLogger, Secret } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { Hono } from "hono";
import { createTokens } from "../../auth/read-tokens.ts";
import { createOperations } from "../../operations.ts";
import { contractError } from "../../status/contract-error.ts";
import { statusOf } from "../answer-error.ts";
import { serveApi } from "../serve-api.ts";

export const TOKENS = {
  viewer: `tg_viewer-${"v".repeat(20)}`,
  operator: `tg_operator-${"o".repeat(20)}`,
  admin: `tg_admin-${"a".repeat(20)}`,
};

interface Ask {
  readonly role?: keyof typeof TOKENS;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

export interface ApiUnderTest {
  readonly app: Hono;
  readonly engine: Engine;
  readonly folder: string;
  /** Errors that became a 500. */
  readonly unforeseen: readonly unknown[];
  readonly ask: (method: string, path: string, ask?: Ask) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/** The operator's own operations, and these. */
export async function openApi(more: readonly AnyOperation[] = []): Promise<ApiUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), "tidegate-api-"));
  const tokensPath = join(folder, "tokens.json");
  const tokens = Object.entries(TOKENS).map(([role, token]) => ({ name: `the-${role}`, role, token }));
  writeFileSync(tokensPath, JSON.stringify({ tokens }), { mode: 0o600 });
  const database = await createTestDatabase();
  const pool = createPool({ url: database.url, applicationName: "api tests", max: 5 });
  const secrets = Object.values(TOKENS).map((token) => new Secret(token));
  const engine = await createDurableEngine({
    url: database.url,
    operations: [
      ...createOperations({ pool, env: {}, logger: createLogger({ service: "tests", level: "silent" }) }),
      ...more,
    ],
    secrets,
    onLost: () => undefined,
  });
  const app = new Hono();
  const stopping = new AbortController().signal;
  serveApi(app, { pool, engine: () => engine, readTokens: createTokens(tokensPath), version: "0.1.0", stopping });
  const unforeseen: unknown[] = [];
  app.notFound((c) => c.json({ error: contractError(new Error("no such endpoint")) }, 404));
  app.onError((error, c) => {
    const status = statusOf(error);
    if (status === 500) unforeseen.push(error);
    return c.json({ error: contractError(error) }, status);
  });
  const ask: ApiUnderTest["ask"] = async (method, path, { role = "operator", body, headers = {} } = {}) => {
    const response = await app.request(path, {
      method,
      headers: {
        authorization: `Bearer ${TOKENS[role]}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  const close = async (): Promise<void> => {
    await engine.stop();
    await pool.end();
    await database.drop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { app, engine, folder, unforeseen, ask, close };
}
