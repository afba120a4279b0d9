// A peer from its start to its last row visible, on an empty database; it is installed when it is first needed.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, existsSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { waitUntil } from "@tidegate/kernel";
import { queryRows, type Pool } from "@tidegate/postgres";
import type { KeptChain } from "../index-chain/ensure-chain.ts";
import { EVENT_NAMES, EVENT_TOPICS } from "../index-chain/market-events.ts";
import { openEmptyDatabase } from "../index-chain/runs/market-database.ts";
import { sumOf, type TableSum, type TableSums } from "../index-chain/runs/table-sums.ts";
import { comparableQueries, PEER_TABLES } from "./peer-tables.ts";

export type PeerName = "ponder" | "subsquid";

export interface PeerRun {
  readonly ms: number;
  readonly sums: TableSums;
}

const LIMIT_MS = 1_800_000;
const LOOK_EVERY_MS = 100;
const ABI = fileURLToPath(new URL("../../examples/market/contracts/Market.json", import.meta.url));

/** With the schema that it is told to use. */
const PROGRAMS: Readonly<Record<PeerName, { readonly schema: string; readonly args: (port: number) => string[] }>> = {
  ponder: {
    schema: "bench",
    args: (port) => ["node_modules/ponder/dist/esm/bin/ponder.js", "start", "--schema", "bench", "--port", `${port}`],
  },
  subsquid: { schema: "public", args: () => ["lib/main.js"] },
};

/** `npm ci` in the peer's folder, where nothing is yet. Its version and all that it needs are in its own lock file. */
export function installPeer(name: PeerName): void {
  const folder = folderOf(name);
  if (existsSync(join(folder, "node_modules"))) return;
  console.error(`installing ${name} in ${folder} …`);
  const { status, stderr } = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: folder,
    encoding: "utf8",
    timeout: LIMIT_MS,
  });
  if (status !== 0) throw new Error(`npm ci of the peer ${name} ended with ${status}:\n${stderr}`);
}

export function peerVersion(name: PeerName): string {
  const file = join(folderOf(name), "package.json");
  const { dependencies } = JSON.parse(readFileSync(file, "utf8")) as { readonly dependencies: Record<string, string> };
  return `${name} ${dependencies[name === "ponder" ? "ponder" : "@subsquid/evm-processor"] ?? "?"}`;
}

export async function runPeer(
  name: PeerName,
  input: { readonly chain: KeptChain; readonly rpcUrl: string },
): Promise<PeerRun> {
  const database = await openEmptyDatabase();
  const { schema, args } = PROGRAMS[name];
  const log = join(tmpdir(), `tidegate-bench-${name}.log`);
  const output = createWriteStream(log);
  await once(output, "open");
  try {
    const port = await freePort();
    const begun = performance.now();
    // A group of its own: what it starts ends with it.
    const child = spawn(process.execPath, args(port), {
      cwd: folderOf(name),
      env: { ...environment(input), DATABASE_URL: database.url.reveal(), DB_URL: database.url.reveal() },
      stdio: ["ignore", output, output],
      detached: true,
    });
    const exited = once(child, "exit");
    const ended = { code: undefined as number | undefined };
    child.once("exit", (code) => {
      ended.code = code ?? -1;
    });
    try {
      await untilFilled(database.pool, { name, schema, chain: input.chain, log, ended });
      const ms = performance.now() - begun;
      return { ms, sums: await sumPeerTables(database.pool, schema) };
    } finally {
      if (ended.code === undefined) process.kill(-(child.pid ?? 0), "SIGKILL");
      await exited;
      // Ponder leaves types of its own beside its sources.
      rmSync(join(folderOf(name), "ponder-env.d.ts"), { force: true });
    }
  } finally {
    output.end();
    await database.close();
  }
}

export async function sumOurTables(pool: Pool): Promise<TableSums> {
  return sumAll(pool, comparableQueries("ours"));
}

async function sumPeerTables(pool: Pool, schema: string): Promise<TableSums> {
  return sumAll(pool, comparableQueries("peer", schema));
}

async function sumAll(pool: Pool, queries: ReadonlyArray<readonly [string, string]>): Promise<TableSums> {
  const sums: Record<string, TableSum> = {};
  for (const [name, query] of queries) sums[name] = await sumOf(pool, query);
  return sums;
}

function environment({
  chain,
  rpcUrl,
}: {
  readonly chain: KeptChain;
  readonly rpcUrl: string;
}): Record<string, string> {
  const { market, firstBlock, lastBlock, chainId } = chain.facts;
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: tmpdir(),
    RPC_URL: rpcUrl,
    MARKET: market,
    MARKET_ABI: ABI,
    CHAIN_ID: `${chainId}`,
    START_BLOCK: `${firstBlock}`,
    END_BLOCK: `${lastBlock}`,
    TOPICS: JSON.stringify(Object.fromEntries(EVENT_NAMES.map((name, index) => [name, EVENT_TOPICS[index]]))),
    PONDER_TELEMETRY_DISABLED: "true",
    NO_COLOR: "1",
  };
}

/** Looks cheaply until the last block is there, and only then counts: counting all rows all the time would slow the peer down. */
async function untilFilled(
  pool: Pool,
  {
    name,
    schema,
    chain,
    log,
    ended,
  }: {
    readonly name: PeerName;
    readonly schema: string;
    readonly chain: KeptChain;
    readonly log: string;
    readonly ended: { readonly code: number | undefined };
  },
): Promise<void> {
  const { lastBlock, events } = chain.facts;
  const total = PEER_TABLES.map((table) => `(select count(*) from "${schema}"."${table}")`).join(" + ");
  const read = async (sql: string): Promise<number> => {
    const [row] = await queryRows<{ n: bigint | string | null }>(pool, sql).catch(() => [{ n: null }]);
    return Number(row?.n ?? 0);
  };
  let isNear = false;
  await waitUntil(
    async () => {
      isNear ||= (await read(`select max(block_number) as n from "${schema}"."submitted"`)) >= lastBlock - 5;
      if (isNear && (await read(`select ${total} as n`)) >= events) return true;
      if (ended.code !== undefined && ended.code !== 0)
        throw new Error(`${name} ended with ${ended.code}; its log is ${log}`);
      return undefined;
    },
    { what: `The last row of ${name}`, limitMs: LIMIT_MS, everyMs: LOOK_EVERY_MS, remedy: `See its log, ${log}.` },
  );
}

function folderOf(name: PeerName): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
