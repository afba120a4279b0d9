// The program market-api as a supervisor meets it: its settings, its exit codes, its stop.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { expect, it } from "vitest";
import { createTables } from "./testing/market-database.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly port?: number;
  readonly path?: string;
  readonly remedy?: string;
}

interface Program extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly lines: LogLine[];
  /** The first line, past or to come, with this message; rejects when the program ends without it. */
  line(message: string): Promise<LogLine>;
  /** Resolves when it has ended and its output is read. */
  ended(): Promise<{ readonly code: number | null }>;
}

/** Ends with SIGKILL at the end of the test, if it still runs. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  const lines: LogLine[] = [];
  const reader = createInterface({ input: child.stdout });
  const ended = once(child, "close");
  const line = async (message: string): Promise<LogLine> =>
    new Promise((resolve, reject) => {
      const seen = lines.find((one) => one.message === message);
      if (seen !== undefined) return resolve(seen);
      reader.on("line", (text) => {
        const one = JSON.parse(text) as LogLine;
        if (one.message === message) resolve(one);
      });
      reader.once("close", () => reject(new Error(`it ended without "${message}": ${JSON.stringify(lines)}`)));
    });
  reader.on("line", (text) => lines.push(JSON.parse(text) as LogLine));
  return {
    child,
    lines,
    line,
    ended: async () => {
      await ended;
      return { code: child.exitCode };
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

it("serves 503 until the tables are there, then 200, and stops on SIGTERM", async () => {
  await using database = await createTestDatabase();
  const env = { DATABASE_URL: database.url.reveal(), LOG_LEVEL: "debug" };
  await using program = run(["--port", "0"], env);
  const { port } = await program.line("The market API listens");
  const health = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/health`)).status;
  expect(await health()).toBe(503);
  await createTables(database.url);
  expect(await health()).toBe(200);
  program.child.kill("SIGTERM");
  expect(await program.ended()).toEqual({ code: 0 });
  expect(program.lines.map((one) => [one.level, one.message])).toEqual([
    ["info", "The market API listens"],
    ["error", "A request failed"],
    ["debug", "Answered"],
    ["debug", "Answered"],
    ["info", "Stopping"],
  ]);
});

it("starts without a database, answers 503, and shows no password", async () => {
  const env = { DB_URL: "postgres://someone:hunter22@127.0.0.1:1/none", MARKET_API_PORT: "0" };
  await using program = run([], env);
  const { port } = await program.line("The market API listens");
  const response = await fetch(`http://127.0.0.1:${port}/v1/market`);
  expect(response.status).toBe(503);
  program.child.kill("SIGINT");
  expect(await program.ended()).toEqual({ code: 0 });
  expect(JSON.stringify(program.lines)).not.toContain("hunter22");
});

const DB = "postgres://someone@127.0.0.1:1/none";

it.each([
  [["--portt=1"], { DATABASE_URL: DB }, "--portt: is not a known flag; did you mean --port?"],
  [[], {}, "databaseUrl (DATABASE_READER_URL, DB_URL, DATABASE_URL, --db): is required"],
  [["--port", "70000"], { DATABASE_URL: DB }, '--port="70000": must be a whole number from 0 to 65535'],
  [[], { DATABASE_URL: DB, CHAIN_ID: "base" }, 'CHAIN_ID="base": must be a chain id'],
  [["--db", "mysql://x"], {}, "must be a postgres:// URL"],
] as const)("refuses the settings %j %j", async (args, env, words) => {
  await using program = run(args, env);
  expect(await program.ended()).toEqual({ code: 64 });
  expect(program.lines).toHaveLength(1);
  expect(program.lines[0]?.level).toBe("error");
  expect(program.lines[0]?.message).toContain(words);
  expect(program.lines[0]?.remedy).toBeTruthy();
});

it("says which port is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  try {
    await using program = run(["--port", String(port)], { DATABASE_URL: DB });
    expect(await program.ended()).toEqual({ code: 69 });
    expect(program.lines[0]?.message).toContain(`Port ${port} on 127.0.0.1 is taken by another program.`);
  } finally {
    other.close();
    await once(other, "close");
  }
});
