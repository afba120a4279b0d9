// Second half of the chapter "index": a copy of the chain, an endpoint that keeps logs to itself, and a reorganisation.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { waitUntil } from "@tidegate/kernel";
import { embeddedUrl } from "@tidegate/postgres";
import { checkoutRoot } from "../installation/checkout-root.ts";
import { installationPaths } from "../installation/paths.ts";
import type { ChapterInput, Check } from "./chapter.ts";
import { compareWithChain, EVENT_TABLES } from "./compare-with-chain.ts";
import { forkChain } from "./forked-chain.ts";
import { freePort } from "./free-port.ts";
import { startLyingEndpoint, type LyingEndpoint } from "./lying-endpoint.ts";
import type { OutsideClients } from "./outside-clients.ts";
import type { TemporaryInstallation } from "./temporary-installation.ts";

const DATABASE = "moving_chain";
const LIMIT_MS = 90_000;
const REORGANISED = 3;
/** `deposit()`, and one ether: an event each. */
const DEPOSIT = { data: "0xd0e30db0", value: "0xde0b6b3a7640000" };

interface Scene {
  readonly clients: OutsideClients;
  readonly chain: string;
  readonly databaseUrl: string;
  readonly status: string;
  readonly market: string;
}

/** Needs the installation's market to be quiet. */
export async function movingChain(
  installation: TemporaryInstallation,
  clients: OutsideClients,
  input: Pick<ChapterInput, "tell"> & { readonly market: string },
): Promise<readonly Check[]> {
  const { ports, home } = installation;
  const own = { dataDir: installationPaths(home).postgres, port: ports.postgres };
  await clients.sql((await embeddedUrl(own)).reveal(), `create database ${DATABASE}`);
  const databaseUrl = (await embeddedUrl({ ...own, database: DATABASE })).reveal();
  const chain = await forkChain(clients, `http://127.0.0.1:${ports.chain}`);
  const liar = await startLyingEndpoint(chain.url, topicOf("RequestLocked"));
  const healthPort = await freePort();
  const { market, tell } = input;
  tell(
    "Copying the chain; indexing the copy through an endpoint that keeps every RequestLocked to itself, and an honest one after it ...",
  );
  const indexer = startIndexer({ urls: [liar.url, chain.url], market, databaseUrl, healthPort });
  const status = `http://127.0.0.1:${healthPort}/status`;
  try {
    return await play({ clients, chain: chain.url, databaseUrl, status, market }, liar, tell);
  } finally {
    await indexer.stop();
    await liar.close();
    await chain.stop();
  }
}

async function play(scene: Scene, liar: LyingEndpoint, tell: ChapterInput["tell"]): Promise<readonly Check[]> {
  const { clients, chain, databaseUrl } = scene;
  await indexed(scene);
  tell(
    `The endpoint kept ${liar.withheld()} logs to itself; the blooms of the headers told, and nothing of it was stored.`,
  );

  const snapshot = await clients.rpc(chain, "evm_snapshot", []);
  for (let block = 0; block < REORGANISED; block++) await deposit(scene);
  const orphan = await indexed(scene);
  const before = await count(scene, "deposit_events");
  tell(
    `${REORGANISED} blocks with a deposit each are mined and indexed, up to ${orphan}; now the chain takes them back ...`,
  );
  await clients.rpc(chain, "evm_revert", [snapshot]);
  // Other blocks of the same heights, and one more.
  await clients.rpc(chain, "anvil_mine", [`0x${REORGANISED.toString(16)}`, "0x2"]);
  await deposit(scene);
  const head = await indexed(scene);
  const after = await count(scene, "deposit_events");
  tell(`The chain has other blocks now, up to ${head}; the indexer has undone what is gone.`);

  const compared = await compareWithChain(clients, {
    rpcUrl: chain,
    databaseUrl,
    market: scene.market,
    lastBlock: head,
  });
  const wrong = compared.filter(({ holds }) => !holds);
  const { refusedAnswers } = (await clients.get(scene.status)) as { refusedAnswers: number };
  const [reorg] = await clients.sql(databaseUrl, "select undone_to_block, undone_events from reorgs");
  return [
    {
      claim: "an endpoint that keeps logs to itself is found out, and no row is missing",
      holds: liar.withheld() > 0 && refusedAnswers > 0 && wrong.length === 0,
      seen: `${liar.withheld()} logs withheld, ${refusedAnswers} answers refused, ${wrong.map(({ claim }) => claim).join("; ") || "every event is a row"}`,
    },
    {
      claim: "blocks that the chain took back are undone, and the reorganisation is written down",
      holds: after === before - REORGANISED + 1 && Number(reorg?.[0]) === orphan && Number(reorg?.[1]) === REORGANISED,
      seen: `${before} deposits before, ${after} after; undone up to block ${reorg?.[0] ?? "?"} with ${reorg?.[1] ?? "?"} events`,
    },
  ];
}

/** Waits until the head is stored with the hash that the chain gives it, and returns its number. */
async function indexed({ clients, chain, databaseUrl }: Scene): Promise<number> {
  return waitUntil(
    async () => {
      const head = (await clients.rpc(chain, "eth_getBlockByNumber", ["latest", false])) as {
        number: string;
        hash: string;
      };
      const [row] = await clients
        .sql(databaseUrl, "select encode(to_hash, 'hex') from coverage order by to_block desc limit 1")
        // Before the indexer has made its tables.
        .catch(() => []);
      return row?.[0] === head.hash.slice(2) ? Number(head.number) : undefined;
    },
    { what: "Indexing the copy's head", limitMs: LIMIT_MS, everyMs: 300, remedy: "Run the chapter again." },
  );
}

/** From the first of anvil's own accounts; mined at once. */
async function deposit({ clients, chain, market }: Scene): Promise<void> {
  const [from] = (await clients.rpc(chain, "eth_accounts", [])) as readonly string[];
  await clients.rpc(chain, "eth_sendTransaction", [{ from, to: market, ...DEPOSIT }]);
}

async function count({ clients, databaseUrl }: Scene, table: string): Promise<number> {
  const [row] = await clients.sql(databaseUrl, `select count(*) from ${table}`);
  return Number(row?.[0]);
}

interface IndexerProgram {
  readonly urls: readonly string[];
  readonly market: string;
  readonly databaseUrl: string;
  readonly healthPort: number;
}

function startIndexer({ urls, market, databaseUrl, healthPort }: IndexerProgram): { stop: () => Promise<void> } {
  const child = spawn(
    process.execPath,
    [join(checkoutRoot, "services/market-indexer/src/main.ts"), "--start-block", "1", "--interval", "1"],
    {
      stdio: "ignore",
      env: {
        PATH: process.env["PATH"],
        DATABASE_URL: databaseUrl,
        ETH_RPC_URL: urls.join(","),
        BOUNDLESS_MARKET_ADDRESS: market,
        MARKET_INDEXER_HEALTH_PORT: String(healthPort),
      },
    },
  );
  const ended = once(child, "close");
  return {
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function topicOf(event: string): string {
  return EVENT_TABLES.find((one) => one.event === event)?.topic0 ?? "";
}
