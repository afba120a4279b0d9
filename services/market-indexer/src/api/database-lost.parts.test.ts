// The database goes away, hangs, is full of locks, or has no tables yet: 503 with Retry-After, and 200 again afterwards.
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret, waitUntil } from "@tidegate/kernel";
import { startEmbedded, type EmbeddedServer } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { expect, it } from "vitest";
import type { ErrorBody } from "./schemas.ts";
import { createMarketDatabase, createTables, setProgress } from "./testing/market-database.ts";
import { serveApi, type Answer } from "./testing/served-api.ts";

const PATHS = ["/health", "/v1/market", "/v1/market/requests", "/v1/market/requests/0x1"];

function expectUnavailable(answer: Answer<ErrorBody>, message: string): void {
  expect([answer.status, answer.body]).toEqual([503, { error: "Service Unavailable", message }]);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(answer.headers.get("cache-control")).toBe("no-store");
}

it("answers 503 while PostgreSQL is killed, and 200 once it is back", async () => {
  const dir = await mkdtemp(join(tmpdir(), "tidegate-market-api-"));
  // As root, the server's own account must be able to pass.
  await chmod(dir, 0o711);
  const start = async (port: number): Promise<EmbeddedServer> =>
    startEmbedded({ dataDir: join(dir, "data"), port, logFile: join(dir, "server.log"), durable: false });
  let server = await start(0);
  try {
    await createTables(server.url);
    await using api = await serveApi({ url: server.url });
    await setProgress(api.pool, { chainId: 1, block: 7, timestamp: 7 });
    expect((await api.get("/v1/market")).status).toBe(200);

    process.kill(server.pid, "SIGKILL");
    await server.waitForExit();
    for (const path of PATHS) {
      const answer = await api.get<ErrorBody>(path);
      expectUnavailable(answer, "The database does not answer at the moment. Try again in a few seconds.");
      expect(JSON.stringify(answer.body)).not.toContain(String(server.port));
    }
    const failures = api.events.filter((event) => event.code === "market-api.failed");
    expect(failures).toHaveLength(PATHS.length);

    server = await start(server.port);
    const isBack = async (): Promise<true | undefined> =>
      (await api.get("/health")).status === 200 ? true : undefined;
    await waitUntil(isBack, { what: "A healthy answer", limitMs: 10_000, remedy: "Look at the pool." });
    expect((await api.get("/v1/market")).body).toMatchObject({ last_indexed_block: 7 });
    expect((await api.get("/v1/market/requests")).status).toBe(200);
  } finally {
    await server.stop("immediate");
    await rm(dir, { recursive: true, force: true });
  }
});

it("answers /health within its limit when the database accepts and then says nothing", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  try {
    const url = new Secret(`postgres://nobody:pass@127.0.0.1:${port}/none`);
    await using api = await serveApi({ url, connectionTimeoutMs: 4_000 });
    const startMs = performance.now();
    const answer = await api.get<ErrorBody>("/health");
    expectUnavailable(answer, "The database does not answer at the moment. Try again in a few seconds.");
    const tookMs = performance.now() - startMs;
    expect(tookMs).toBeGreaterThanOrEqual(1_990);
    expect(tookMs).toBeLessThan(3_500);
  } finally {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await once(silent, "close");
  }
});

it("gives up on a statement that waits for a lock", async () => {
  await using database = await createMarketDatabase();
  await using api = await serveApi({ url: database.url, statementTimeoutMs: 300 }, { chainId: 1n });
  await using holder = await serveApi({ url: database.url });
  const client = await holder.pool.connect();
  try {
    await client.query("begin; lock table request_status in access exclusive mode");
    const answer = await api.get<ErrorBody>("/v1/market/requests");
    expectUnavailable(answer, "The database does not answer at the moment. Try again in a few seconds.");
    await client.query("rollback");
    expect((await api.get("/v1/market/requests")).status).toBe(200);
  } finally {
    client.release();
  }
});

it("waits for the tables, and serves as soon as they are there", async () => {
  await using database = await createTestDatabase();
  await using api = await serveApi({ url: database.url });
  for (const path of PATHS) {
    const message = "The database has no market tables yet; the market indexer makes them when it starts.";
    expectUnavailable(await api.get<ErrorBody>(path), message);
  }
  await createTables(database.url);
  expect((await api.get("/health")).status).toBe(200);
  expect((await api.get("/v1/market")).status).toBe(404);
});

it("keeps a mistake of ours to itself and the log", async () => {
  await using database = await createMarketDatabase();
  await using api = await serveApi({ url: database.url });
  await setProgress(api.pool, { chainId: 1, block: 1, timestamp: 1 });
  await api.pool.query("alter table proof_requests drop column selector");
  const { status, body } = await api.get<ErrorBody>("/v1/market/requests");
  const message = "The request could not be answered. The error was logged.";
  expect([status, body]).toEqual([500, { error: "Internal Server Error", message }]);
  const failure = api.events.find((event) => event.code === "market-api.failed");
  expect(failure).toMatchObject({ status: 500, path: "/v1/market/requests", error: { sqlState: "42703" } });
});
