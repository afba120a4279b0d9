// The operator over HTTP, beside a real database and a real supervisor with real processes.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { errorBodySchema, healthSchema, statusSchema, type Status } from "@tidegate/contract";
import { createLogger, systemClock, waitUntil } from "@tidegate/kernel";
import { createMarketApi, listen, type Listening } from "@tidegate/market-indexer";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { createProcessWorkloads, createSupervisor, type ReleaseInput } from "@tidegate/workloads";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDurableEngine } from "@tidegate/engine";
import { createOperator, type OperatorEvent } from "./create-operator.ts";
import { createOperations } from "./operations.ts";

/** An indexer as far as the operator can see: it tells where it is, and a port that it chose itself. */
const INDEXER = `
require("node:http")
  .createServer((_, response) => response.end(JSON.stringify({ head: 50, eventsPerSecond: 2.5 })))
  .listen(Number(process.env.PORT), "127.0.0.1");
`;
const SLEEPER = "setInterval(() => {}, 60_000)";

let dir: string;
let database: TestDatabase;
let pool: Pool;
let server: Listening;
/** Undone in reverse, also when the set-up fails half-way: processes would live on. */
const cleanup = new AsyncDisposableStack();
const events: OperatorEvent[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "tidegate-operator-"));
  cleanup.defer(async () => rm(dir, { recursive: true, force: true }));
  const [stateDir, releasesDir] = [join(dir, "state"), join(dir, "releases")];
  const workloads = createProcessWorkloads({ stateDir, releasesDir });
  await writeRelease(releasesDir);
  for (const service of ["postgres", "market-indexer"])
    await workloads.ensure(service, { release: "r1", desiredCount: 1 });
  const supervisor = createSupervisor({ stateDir, timing: { aliveIsHealthyMs: 100 } });
  const supervising = supervisor.run();
  cleanup.defer(async () => {
    await supervisor.stop();
    await supervising;
  });

  database = cleanup.use(await createTestDatabase());
  pool = createPool({ url: database.url, applicationName: "operator tests", max: 3 });
  cleanup.defer(async () => pool.end());
  const engine = await createDurableEngine({
    url: database.url,
    operations: createOperations({ pool, env: {}, logger: createLogger({ service: "tests", level: "silent" }) }),
    onLost: () => undefined,
  });
  cleanup.defer(async () => engine.stop());
  const app = createOperator({
    pool,
    engine: () => engine,
    readTokens: undefined,
    stopping: new AbortController().signal,
    workloads,
    marketApi: createMarketApi({ pool }),
    clock: systemClock,
    operator: { version: "0.1.0", pid: process.pid, startedAt: systemClock.now().toISOString() },
    onEvent: (event) => events.push(event),
  });
  server = await listen({ fetch: app.fetch, host: "127.0.0.1", port: 0 });
  cleanup.defer(server.close);
});

afterAll(async () => cleanup.disposeAsync());

async function writeRelease(releasesDir: string): Promise<void> {
  const port = await freePort();
  const release: ReleaseInput = {
    tag: "r1",
    services: {
      postgres: { command: [process.execPath, "-e", SLEEPER] },
      "market-indexer": {
        command: [process.execPath, "-e", INDEXER],
        port,
        health: { path: "/health", everyMs: 100 },
      },
    },
  };
  await mkdir(join(releasesDir, "r1"), { recursive: true });
  await writeFile(join(releasesDir, "r1", "release.json"), JSON.stringify(release));
}

async function freePort(): Promise<number> {
  const probe = await listen({ fetch: () => new Response(), host: "127.0.0.1", port: 0 });
  await probe.close();
  return probe.port;
}

const get = async (path: string): Promise<Response> => fetch(`http://127.0.0.1:${server.port}${path}`);

async function readStatus(): Promise<Status> {
  const response = await get("/status");
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return statusSchema.parse(await response.json());
}

async function statusWhen(what: string, holds: (status: Status) => boolean): Promise<Status> {
  const look = async (): Promise<Status | undefined> => {
    const status = await readStatus();
    return holds(status) ? status : undefined;
  };
  return waitUntil(look, { what, limitMs: 20_000, remedy: "Look at the status." });
}

const stateOf = (status: Status, name: string): string | undefined =>
  [...status.parts, ...status.services].find((one) => one.name === name)?.state;

it("is healthy, whatever else is", async () => {
  const response = await get("/health");
  expect(response.status).toBe(200);
  expect(healthSchema.parse(await response.json())).toEqual({ status: "healthy", service: "operator" });
});

it("shows parts, services and what only the indexer knows, before anything is indexed", async () => {
  const all = await statusWhen(
    "Both workloads running",
    (one) => stateOf(one, "postgres") === "running" && stateOf(one, "market-indexer") === "running",
  );
  expect(all.parts.map((one) => one.name)).toEqual(["postgres"]);
  expect(all.services.map((one) => one.name)).toEqual(["market-indexer"]);
  expect(all.services[0]).toMatchObject({ release: "r1", desiredCount: 1, runningCount: 1, restarts: 0, detail: null });
  expect(all.services[0]?.pid).toBe(all.services[0]?.instances[0]?.pid);
  expect(all.market).toMatchObject({ chainId: null, head: "50", indexedBlock: null, eventsPerSecond: 2.5 });
  expect(all.market.detail).toBe("The database holds no progress yet.");
  expect(all.problems).toEqual([]);
});

it("shows how far the index is behind, in the status, the metrics and the market's own API", async () => {
  await pool.query(`
    create table market_identity (chain_id bigint not null);
    create table last_block (id integer primary key, block bigint not null, block_timestamp bigint not null);
    insert into market_identity values (31337);
    insert into last_block values (0, 40, 1700000000);
  `);
  const status = await readStatus();
  expect(status.market).toEqual({
    chainId: "31337",
    head: "50",
    indexedBlock: "40",
    indexedAt: "2023-11-14T22:13:20.000Z",
    lagBlocks: 10,
    eventsPerSecond: 2.5,
    detail: null,
  });

  const metrics = await get("/metrics");
  expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await metrics.text();
  expect(text).toContain("\ntidegate_market_lag_blocks 10\n");
  expect(text).toContain('\ntidegate_workload_state{name="postgres",state="running"} 1\n');
  expect(Number(/^process_resident_memory_bytes (\d+)$/m.exec(text)?.[1])).toBeGreaterThan(1_000_000);

  const market = await get("/v1/market");
  expect(market.status).toBe(200);
  expect(await market.json()).toMatchObject({ chain_id: 31_337, last_indexed_block: 40 });
});

it("leaves the market's API its own errors and CORS, and keeps both away from its own answers", async () => {
  const refused = await get("/v1/market?limit=1");
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: "Bad Request" });
  expect(refused.headers.get("access-control-allow-origin")).toBe("*");
  expect((await get("/openapi.json")).status).toBe(200);
  expect((await get("/docs")).status).toBe(200);
  expect((await get("/status")).headers.get("access-control-allow-origin")).toBeNull();
});

it.each(["/", "/v1", "/v1/markets", "/statuses"])("answers %s by the contract's form of errors", async (path) => {
  const response = await get(path);
  expect(response.status).toBe(404);
  const { error } = errorBodySchema.parse(await response.json());
  expect(error).toMatchObject({
    code: "operator.endpoint-unknown",
    message: `There is no GET ${path}. Nothing was changed.`,
  });
});

it("sees a service killed and started again", async () => {
  const before = (await readStatus()).services[0];
  process.kill(before?.pid ?? 0, "SIGKILL");
  const after = await statusWhen(
    "The indexer running again",
    (one) => one.services[0]?.state === "running" && one.services[0].restarts === 1,
  );
  expect(after.services[0]?.pid).not.toBe(before?.pid);
});

it("goes on when the database is gone: a problem in the status, and health as before", async () => {
  await database.drop();
  const status = await readStatus();
  expect(status.problems).toHaveLength(1);
  expect(status.problems[0]?.code).toMatch(/^postgres\./);
  expect(status.market).toMatchObject({ head: "50", indexedBlock: null, lagBlocks: null });
  expect(stateOf(status, "market-indexer")).toBe("running");
  expect(events).toContainEqual(expect.objectContaining({ code: "operator.source-failed" }));
  const metrics = await (await get("/metrics")).text();
  expect(metrics).toContain("\ntidegate_status_problems 1\n");
  expect(metrics).not.toContain("tidegate_market_indexed_block");
  expect((await get("/health")).status).toBe(200);
});

it("says so when the workloads' state cannot be read", async () => {
  await writeFile(join(dir, "state", "market-indexer", "desired.json"), "{");
  const status = await readStatus();
  expect(status.problems.map((one) => one.code)).toContain("workloads.state-unreadable");
  expect(status.services).toEqual([]);
  expect((await get("/health")).status).toBe(200);
});
