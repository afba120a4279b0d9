// The two programs as a supervisor runs them: health, exit codes, and kills at random moments.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import { createRpcClient, type RpcClient } from "@tidegate/chain";
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readChainBlocks, readHead } from "./chain-reading.ts";
import { CLIENTS, PROVERS, WATCHER } from "./contract/dev-accounts.ts";
import { expectedRows } from "./expected/expected-rows.ts";
import { createTraffic } from "./traffic/create-traffic.ts";
import { readLedger } from "./traffic/ledger.ts";

interface Line {
  readonly message: string;
  readonly [field: string]: unknown;
}

interface Program {
  readonly child: ChildProcess;
  readonly lines: Line[];
}

const seed = Math.floor(Math.random() * 2 ** 32);
const random = seededRandom(seed);
let folder: string;
const programs: Program[] = [];
const clients: RpcClient[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tidegate-programs-"));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  // Last started, first stopped.
  for (const program of programs.splice(0).toReversed()) await stop(program);
  rmSync(folder, { recursive: true, force: true });
});

function run(name: "chain" | "traffic", ...flags: string[]): Program {
  const path = fileURLToPath(new URL(`${name}-main.ts`, import.meta.url));
  const child = spawn(process.execPath, [path, ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { HOME: folder },
  });
  const lines: Line[] = [];
  createInterface(child.stdout).on("line", (line) => lines.push(JSON.parse(line) as Line));
  const program = { child, lines };
  programs.push(program);
  return program;
}

async function stop({ child }: Program, signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal);
    await once(child, "exit");
  }
  return child.exitCode;
}

async function exitCode(program: Program): Promise<number | null> {
  if (program.child.exitCode === null) await once(program.child, "exit");
  return program.child.exitCode;
}

async function line(program: Program, message: string): Promise<Line> {
  const look = (): Line | undefined => {
    const found = program.lines.find((one) => one.message === message);
    const isOver = program.child.exitCode !== null;
    if (found === undefined && isOver) throw new Error(`it ended: ${JSON.stringify(program.lines)}`);
    return found;
  };
  return waitUntil(look, { what: `The line "${message}"`, limitMs: 20_000, remedy: "Read the log.", everyMs: 10 });
}

async function health(port: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${Number(port)}/health`);
  return { code: response.status, ...((await response.json()) as object) };
}

function chain(...flags: string[]): Program {
  return run("chain", "--port", "0", "--data-dir", join(folder, "chain"), "--block-time-ms", "100", ...flags);
}

function connect(url: unknown): RpcClient {
  const client = createRpcClient({ urls: [String(url)], restMs: 0 });
  clients.push(client);
  return client;
}

test("the chain deploys the market, is healthy, comes back after a kill, and stops with 0", async () => {
  const first = chain();
  const up = await line(first, "chain is up");
  expect(await health(up["health"])).toMatchObject({
    code: 200,
    status: "healthy",
    market: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
  });
  process.kill(Number(up["anvil"]), "SIGKILL");
  await line(first, "chain.anvil-died");
  await waitUntil(async () => ((await health(up["health"]))["code"] === 200 ? true : undefined), {
    what: "A healthy chain",
    limitMs: 20_000,
    remedy: "Read the log.",
  });
  const block = (await connect(up["url"]).call("eth_getBlockByNumber", ["0x2", false])) as { hash: string };
  await stop(first, "SIGKILL");
  const second = chain();
  const again = await line(second, "chain is up");
  expect(await connect(again["url"]).call("eth_getBlockByNumber", ["0x2", false])).toMatchObject({ hash: block.hash });
  expect(await stop(second)).toBe(0);
});

test("bad settings end with 64, a taken port with 69, each with a remedy", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const cases: Array<[Program, number, string]> = [
    [chain("--bloc-time-ms", "5"), 64, "config.invalid"],
    [run("traffic", "--mix", "nothing=7"), 64, "config.invalid"],
    [run("chain", "--port", String(port), "--data-dir", join(folder, "other")), 69, "chain.port-taken"],
    [chain("--health-port", String(port)), 69, "market.health-port-taken"],
  ];
  for (const [program, code, errorCode] of cases) {
    expect(await exitCode(program)).toBe(code);
    const error = program.lines.at(-1)?.["error"] as { code: string; remedy: string };
    expect(error.code).toBe(errorCode);
    expect(error.remedy).not.toBe("");
  }
  holder.close();
});

test(
  `traffic killed at random moments: nothing is lost, nothing is there twice (seed ${seed})`,
  { timeout: 120_000 },
  async () => {
    const { url } = await line(chain(), "chain is up");
    const rpc = connect(url);
    const ledger = join(folder, "ledger.jsonl");
    const flags = ["--rpc-url", String(url), "--ledger", ledger, "--seed", String(seed), "--rate", "60"];
    for (let round = 0; round < 7; round++) {
      const traffic = run("traffic", ...flags);
      await line(traffic, "traffic is up");
      await delay(random.integer(100, 900));
      await stop(traffic, "SIGKILL");
    }
    const last = run("traffic", ...flags);
    const up = await line(last, "traffic is up");
    await delay(500);
    expect(await health(up["health"])).toMatchObject({ code: 200, reverted: 0 });
    expect(await stop(last)).toBe(0);
    // What the last one left behind is seen through, without a new action.
    const rest = await createTraffic({ rpc, seed, ledgerPath: ledger });
    const settled = async (): Promise<true | undefined> => {
      await rest.follow();
      return rest.counts().underWay === 0 ? true : undefined;
    };
    await waitUntil(settled, { what: "The last action mined", limitMs: 20_000, remedy: "Read the chain's log." });
    await rest.close();

    const { actions, revertedSeqs } = readLedger(ledger);
    const blocks = await readChainBlocks(rpc, 0, await readHead(rpc));
    const senders = new Set<string>([...CLIENTS, ...PROVERS, WATCHER]);
    const mined = blocks.flatMap((block) => block.transactions).filter((one) => senders.has(one.from));
    expect(actions.length).toBeGreaterThan(50);
    expect(revertedSeqs.size).toBe(0);
    const places = mined.map((one) => `${one.from}:${one.nonce}`);
    const inLedger = actions.map((one) => `${one.from}:${one.nonce}`);
    // Only what was sent in the last moment may still be on its way.
    expect(places.filter((place) => !inLedger.includes(place))).toEqual([]);
    expect(inLedger.length - places.length).toBeLessThan(20);
    expect(new Set(inLedger).size).toBe(inLedger.length);
    const rows = expectedRows({ actions }, blocks);
    expect(rows.transactions).toHaveLength(mined.length);
  },
);
