// The program operator as a supervisor meets it: its settings, its exit codes, its stop.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { statusSchema } from "@tidegate/contract";
import { createProcessWorkloads } from "@tidegate/workloads";
import { afterAll, beforeAll, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const DATABASE_URL = "postgres://someone:hunter22@127.0.0.1:1/none";

interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly port?: number;
  readonly remedy?: string;
}

let stateDir: string;
beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "tidegate-operator-main-"));
  const releasesDir = join(stateDir, "releases");
  const release = {
    tag: "r1",
    services: { sleeper: { command: [process.execPath, "-e", "setInterval(() => {}, 60_000)"] } },
  };
  await mkdir(join(releasesDir, "r1"), { recursive: true });
  await writeFile(join(releasesDir, "r1", "release.json"), JSON.stringify(release));
  await createProcessWorkloads({ stateDir, releasesDir }).ensure("sleeper", { release: "r1", desiredCount: 1 });
});
afterAll(async () => rm(stateDir, { recursive: true, force: true }));

interface Program extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly lines: LogLine[];
  /** Its first line of log. */
  firstLine(): Promise<LogLine | undefined>;
  /** Its exit code, once it has ended and its output is read. */
  exitCode(): Promise<number | null>;
}

function run(args: readonly string[], env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  const lines: LogLine[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (text) => lines.push(JSON.parse(text) as LogLine));
  const begun = Promise.race([once(reader, "line"), ended]);
  return {
    child,
    lines,
    firstLine: async () => {
      await begun;
      return lines[0];
    },
    exitCode: async () => {
      await ended;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

it("is healthy without any part, says in its status what is away, and stops on SIGTERM", async () => {
  await using program = run([], { DATABASE_URL, TIDEGATE_STATE_DIR: stateDir, TIDEGATE_OPERATOR_PORT: "0" });
  const first = await program.firstLine();
  expect(first?.message).toBe("The operator listens");
  const url = `http://127.0.0.1:${first?.port}`;
  expect((await fetch(`${url}/health`)).status).toBe(200);
  const status = statusSchema.parse(await (await fetch(`${url}/status`)).json());
  expect(status.operator.pid).toBe(program.child.pid);
  expect(status.problems.map((one) => one.code)).toEqual(["postgres.unreachable"]);
  // A service is wanted, but nobody is there to start it.
  expect(status.services).toMatchObject([{ name: "sleeper", state: "stopped", desiredCount: 1, pid: null }]);
  expect(status.services[0]?.detail).toContain("supervisor");
  expect((await fetch(`${url}/v1/market`)).status).toBe(503);

  program.child.kill("SIGTERM");
  expect(await program.exitCode()).toBe(0);
  expect(JSON.stringify(program.lines)).not.toContain("hunter22");
});

it.each([
  [[], { DATABASE_URL }, "stateDir (TIDEGATE_STATE_DIR, --state-dir): is required"],
  [["--bind=x"], { DATABASE_URL, TIDEGATE_STATE_DIR: "x" }, "--bind: is not a known flag"],
  [
    [],
    { DATABASE_URL, TIDEGATE_STATE_DIR: "x", MARKET_INDEXER_HEALTH_URL: "ftp://x" },
    "must be an http:// or https:// URL",
  ],
] as const)("refuses the settings %j %j", async (args, env, words) => {
  await using program = run(args, env);
  expect(await program.exitCode()).toBe(64);
  expect(program.lines).toHaveLength(1);
  expect(program.lines[0]?.message).toContain(words);
  expect(program.lines[0]?.remedy).toBeTruthy();
});

it("says which port is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  try {
    await using program = run(["--port", String(port)], { DATABASE_URL, TIDEGATE_STATE_DIR: stateDir });
    expect(await program.exitCode()).toBe(69);
    expect(program.lines[0]?.message).toContain(`Port ${port} on 127.0.0.1 is taken by another program.`);
  } finally {
    other.close();
    await once(other, "close");
  }
});
