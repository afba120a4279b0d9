// The Lambda handler on real stores: what it answers, what it throws, what it logs, and that a refused event changed nothing.
import { createServer } from "node:http";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@tidegate/kernel";
import { MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { createPool, queryRows, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfig } from "./config.ts";
import { createBazookaHandler } from "./index.ts";

let database: TestDatabase;
let pool: Pool;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
  folder = mkdtempSync(join(tmpdir(), "tidegate-bazooka-"));
});
afterAll(async () => {
  await pool.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

const context = () => {
  const until = performance.now() + 60_000;
  return {
    awsRequestId: String(until),
    functionName: "bazooka",
    getRemainingTimeInMillis: () => until - performance.now(),
  };
};

function open(env: Readonly<Record<string, string>> = {}) {
  const lines: Array<Record<string, unknown>> = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
  const handler = createBazookaHandler({
    env: { DATABASE_URL: database.url.reveal(), BAZOOKA_MIGRATIONS_DIR: MIGRATIONS_DIR, ...env },
    logger: createLogger({ service: "bazooka", destination }),
  });
  return { invoke: async (event: unknown) => handler(event, context()), lines };
}

const tables = async (): Promise<number> =>
  (await queryRows<{ n: number }>(pool, "SELECT count(*)::int AS n FROM pg_tables WHERE schemaname = 'public'"))[0]
    ?.n ?? -1;

describe("the handler", () => {
  it("answers 200 and success, for a direct event and for one from API Gateway", async () => {
    const { invoke, lines } = open();
    const success = { statusCode: 200, body: JSON.stringify({ message: "success" }) };
    expect(await invoke({})).toEqual(success);
    expect(await invoke({ migrate: true })).toEqual(success);
    // 15 of the store, two of Knex, and the record of the engine's migrations: it shares this database.
    expect(await tables()).toBe(18);
    const body = Buffer.from(JSON.stringify({ reset_db: true, migrate: true, force: true })).toString("base64");
    expect(
      await invoke({ httpMethod: "POST", headers: { authorization: "hunter2" }, body, isBase64Encoded: true }),
    ).toEqual(success);
    expect(await tables()).toBe(18);
    for (const line of lines)
      expect(line).toMatchObject({
        at: expect.stringMatching(/^[\w-]+(\.ts)?#\w+$/) as string,
        message: expect.any(String) as string,
      });
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });

  it("answers what an event would do, and does nothing of it", async () => {
    const { invoke } = open({ TIDEGATE_ENGINE: "volatile" });
    await invoke({ reset_db: true, force: true });
    const before = await tables();
    const { statusCode, body } = await invoke({ observe: { migrate: true } });
    expect(statusCode).toBe(200);
    const { message, plan } = JSON.parse(body) as {
      message: string;
      plan: { pendingMigrations: string[]; target: string };
    };
    expect(message).toBe("success");
    expect(plan.target).toContain("database ");
    expect(plan.pendingMigrations).toContain("20220719000001_create_chain_tables.js");
    expect(await tables()).toBe(before);
    await expect(invoke({ observe: { reset_db: true } })).rejects.toMatchObject({ code: "bazooka.force-missing" });
    await expect(invoke({ observe: { migrat: true } })).rejects.toMatchObject({ code: "bazooka.event-invalid" });
    await expect(invoke({ observe: {}, migrate: true })).rejects.toMatchObject({ code: "bazooka.event-invalid" });
  });

  it("spares the engine's journal, which lies in the same database", async () => {
    const { invoke } = open();
    await invoke({ reset_db: true, migrate: true, force: true });
    await invoke({ clear_db: true, force: true });
    const [runs] = await queryRows<{ n: bigint }>(pool, "SELECT count(*) AS n FROM tidegate_engine.runs");
    expect(runs?.n).toBeGreaterThanOrEqual(2n);
  });

  it.each([
    ["without force", { clear_db: true }, "bazooka.force-missing"],
    ["with force as text", { clear_db: true, force: "true" }, "bazooka.event-invalid"],
    ["with a flag as text, past the guard", { clear_db: "true" }, "bazooka.event-invalid"],
    ["with a flag as a number", { reset_db: 1 }, "bazooka.event-invalid"],
    ["with an unknown flag", { clearDb: true, force: true }, "bazooka.event-invalid"],
  ])("throws, logs the error in full, and changes nothing: %s", async (_, event, code) => {
    const { invoke, lines } = open();
    await invoke({ migrate: true });
    await queryRows(pool, "INSERT INTO persistent_cache VALUES ('k', 'v') ON CONFLICT DO NOTHING");
    await expect(invoke(event)).rejects.toMatchObject({ code });
    expect(await queryRows(pool, "SELECT value FROM persistent_cache WHERE key = 'k'")).toEqual([{ value: "v" }]);
    const line = lines.find((one) => one["level"] === "error");
    expect(line).toMatchObject({
      code,
      error: { message: expect.any(String) as string, stack: expect.any(String) as string },
    });
  });

  it("throws when the run fails", async () => {
    writeFileSync(
      join(folder, "900_broken.js"),
      'export const up = (knex) => knex.raw("SELECT nothing"); export const down = up;',
    );
    const { invoke } = open({ BAZOOKA_MIGRATIONS_DIR: folder });
    await invoke({ reset_db: true, force: true });
    await expect(invoke({ migrate: true })).rejects.toThrow(/column "nothing" does not exist/);
  });

  it("runs in memory when it is told so, and says that a kill is not survived", async () => {
    const { invoke, lines } = open({ TIDEGATE_ENGINE: "volatile" });
    await invoke({ reset_db: true, migrate: true, force: true });
    expect(lines.some((line) => String(line["message"]).includes("a kill is not survived"))).toBe(true);
  });

  it("reports an error to Bugsnag before it returns", async () => {
    const reports: string[] = [];
    const server = createServer((request, response) => {
      let text = "";
      request.on("data", (chunk: Buffer) => (text += chunk.toString()));
      request.on("end", () => {
        reports.push(text);
        response.writeHead(202).end();
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { invoke } = open({ BUGSNAG_KEY: "0".repeat(32), BUGSNAG_NOTIFY_URL: url, BUGSNAG_RELEASE_STAGE: "tests" });
    await expect(invoke({ clear_db: true })).rejects.toThrow();
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain("force flag set");
    server.close();
  });
});

describe("the settings", () => {
  it("come from the environment, then .env of the stage, then .env, then the defaults", () => {
    writeFileSync(join(folder, ".env"), "PG_POOL_MAX=3\nCLEAR_KAFKA_TOPIC_RETRY_MS=7\nDB_NAME=base\n");
    writeFileSync(join(folder, ".env.production"), "PG_POOL_MAX=10\n");
    expect(loadConfig({}, folder)).toMatchObject({ poolMax: 3, clearRetryMs: 7, clearMaxRetries: 3, dbName: "base" });
    expect(loadConfig({ NODE_ENV: "production" }, folder)).toMatchObject({ poolMax: 10, clearRetryMs: 7 });
    expect(loadConfig({ NODE_ENV: "production", PG_POOL_MAX: "5" }, folder)).toMatchObject({ poolMax: 5 });
  });

  it("have the document's defaults, 10 connections in production among them", () => {
    const shipped = loadConfig({ NODE_ENV: "production" });
    expect(shipped).toMatchObject({
      preventBreaking: true,
      clearRetryMs: 3_000,
      clearMaxRetries: 3,
      poolMax: 10,
      replicas: 3,
    });
    expect(shipped.topics).toEqual([
      { name: "to-ender", partitions: 1 },
      { name: "to-vulcan", partitions: 210 },
      { name: "to-websockets-orderbooks", partitions: 1 },
      { name: "to-websockets-subaccounts", partitions: 3 },
      { name: "to-websockets-trades", partitions: 1 },
      { name: "to-websockets-markets", partitions: 1 },
      { name: "to-websockets-candles", partitions: 1 },
      { name: "to-websockets-block-height", partitions: 1 },
    ]);
  });

  it.each([
    ["BAZOOKA_TOPICS", "to-ender"],
    ["BAZOOKA_TOPICS", "a:1,a:2"],
    ["KAFKA_BROKER_URLS", "kafka"],
    ["PREVENT_BREAKING_CHANGES_WITHOUT_FORCE", "maybe"],
    ["REDIS_URL", "http://redis"],
  ])("refuse %s=%s", (name, value) => {
    expect(() => loadConfig({ [name]: value }, folder)).toThrow(name);
  });
});
