import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { waitUntil } from "@tidegate/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPool } from "../connection/create-pool.ts";
import { queryRows } from "../connection/query-rows.ts";
import { readEmbeddedConnection, type EmbeddedConnection } from "./embedded-connection.ts";
import { identifyProcess } from "./process-table.ts";
import { createTestFolder, type TestFolder } from "./test-folder.ts";

const PROGRAM = fileURLToPath(new URL("main.ts", import.meta.url));

let folder: TestFolder;
let dataDir: string;
const programs: Program[] = [];

beforeEach(async () => {
  folder = await createTestFolder();
  dataDir = join(folder.path, "data");
});
afterEach(async () => {
  for (const program of programs.splice(0)) await program.end("SIGTERM");
  const left = await readEmbeddedConnection(dataDir);
  if (left !== undefined) process.kill(left.pid, "SIGQUIT");
  await folder.remove();
});

interface Program {
  readonly child: ChildProcess;
  /** Lines of its log so far. */
  log(): ReadonlyArray<Readonly<Record<string, unknown>>>;
  /** The first log line with that code. */
  line(code: string): Promise<Readonly<Record<string, unknown>>>;
  end(signal: NodeJS.Signals): Promise<number | null>;
}

function run(...flags: string[]): Program {
  const child = spawn(process.execPath, [PROGRAM, "--data-dir", dataDir, ...flags], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString()));
  const log = (): Array<Record<string, unknown>> =>
    output
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const program: Program = {
    child,
    log,
    line: (code) =>
      waitUntil(() => log().find((line) => line["code"] === code), {
        what: `The log line ${code}`,
        limitMs: 30_000,
        remedy: "",
      }),
    end: async (signal) => {
      child.kill(signal);
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
  programs.push(program);
  return program;
}

async function connection(): Promise<EmbeddedConnection> {
  const found = await readEmbeddedConnection(dataDir);
  if (found === undefined) throw new Error("No server runs");
  return found;
}

async function query(sql: string): Promise<object[]> {
  const pool = createPool({ url: (await connection()).url, applicationName: "main test", max: 1 });
  try {
    return await queryRows(pool, sql);
  } finally {
    await pool.end();
  }
}

async function health(port: unknown): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${Number(port)}/health`);
  return { status: response.status, body: await response.json() };
}

test("starts, is healthy, and stops the server in order on SIGTERM", async () => {
  const program = run("--port", "0", "--health-port", "0");
  await program.line("embedded.started");
  const { pid } = await connection();
  const port = program.log().find((line) => "healthPort" in line)?.["healthPort"];
  // The log line comes a moment before the health server is told.
  const healthy = await waitUntil(
    async () => {
      const seen = await health(port);
      return seen.status === 200 ? seen : undefined;
    },
    { what: "Health", limitMs: 10_000, remedy: "" },
  );
  expect(healthy.body).toEqual({ status: "healthy", pid, version: "18.4" });

  process.kill(pid, "SIGSTOP");
  expect(await health(port)).toMatchObject({ status: 503, body: { status: "unhealthy" } });
  process.kill(pid, "SIGCONT");

  expect(await program.end("SIGTERM")).toBe(0);
  expect(identifyProcess(pid)).toBeUndefined();
  expect(await readEmbeddedConnection(dataDir)).toBeUndefined();
});

test("killed with -9 it leaves the server running; started again it adopts it", async () => {
  const first = run("--port", "0");
  await first.line("embedded.started");
  const before = await connection();
  await query("CREATE TABLE kept AS SELECT 7 AS n");
  await first.end("SIGKILL");
  expect(await query("SELECT n FROM kept")).toEqual([{ n: 7 }]);
  const second = run("--port", "0");
  await second.line("embedded.adopted");
  expect(await connection()).toMatchObject({ pid: before.pid, port: before.port });
  expect(await second.end("SIGINT")).toBe(0);
  expect(identifyProcess(before.pid)).toBeUndefined();
});

test("killed with -9 in the middle of initdb it leaves nothing that a next start stumbles over", async () => {
  const first = run("--port", "0");
  const half = await waitUntil(() => halfMade().find((name) => !name.endsWith(".password")), {
    what: "initdb's folder",
    limitMs: 20_000,
    everyMs: 5,
    remedy: "",
  });
  await first.end("SIGKILL");
  expect(existsSync(join(dataDir, "cluster"))).toBe(false);
  const second = run("--port", "0");
  await second.line("embedded.started");
  expect(halfMade()).not.toContain(half);
  expect(await query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

function halfMade(): string[] {
  return existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name.includes(".half-made-")) : [];
}

test("starts the server again, on the same port, when it is killed with -9; committed rows survive", async () => {
  const program = run("--port", "0");
  await program.line("embedded.started");
  const before = await connection();
  await query("CREATE TABLE ledger AS SELECT generate_series(1, 1000) AS id");
  process.kill(before.pid, "SIGKILL");
  const after = await waitUntil(
    async () => {
      const now = await readEmbeddedConnection(dataDir);
      return now === undefined || now.pid === before.pid ? undefined : now;
    },
    { what: "Another server", limitMs: 30_000, remedy: "" },
  );
  expect(after.port).toBe(before.port);
  expect(await query("SELECT count(*)::int AS n FROM ledger")).toEqual([{ n: 1000 }]);
});

test.each([
  ["--port", "postgres.port-taken"],
  ["--health-port", "postgres.port-taken"],
])("%s taken: exit 69, with what to do in the log", async (flag, code) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const program = run(...(flag === "--port" ? [] : ["--port", "0"]), flag, String(port));
  const [exit] = (await once(program.child, "exit")) as [number];
  expect(exit).toBe(69);
  const line = await program.line(code);
  expect(line).toMatchObject({ level: "error", remedy: expect.stringContaining(flag) as string });
  expect(line["message"]).toContain(String(port));
  other.close();
});

test("an unknown flag: exit 64, with the nearest name", async () => {
  const program = run("--health-prot", "1");
  const [exit] = (await once(program.child, "exit")) as [number];
  expect(exit).toBe(64);
  expect((await program.line("config.invalid"))["message"]).toContain("did you mean --health-port?");
});
