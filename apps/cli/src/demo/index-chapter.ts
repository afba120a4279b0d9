// Chapter "index": a live market is indexed while its processes are killed, then every row is compared with the chain; and once
// more from a chain that is reorganised, through an endpoint that lies (moving-chain.ts).
import { readFileSync } from "node:fs";
import { waitUntil } from "@tidegate/kernel";
import { embeddedUrl } from "@tidegate/postgres";
import { createProcessWorkloads } from "@tidegate/workloads";
import { installationPaths } from "../installation/paths.ts";
import type { Chapter, ChapterInput, Check } from "./chapter.ts";
import { compareWithChain, EVENT_TABLES } from "./compare-with-chain.ts";
import { movingChain } from "./moving-chain.ts";
import { outsideClients, type OutsideClients } from "./outside-clients.ts";
import { startTemporaryInstallation, type TemporaryInstallation } from "./temporary-installation.ts";

const RATE = 20;
const EVENTS_BEFORE_THE_KILL = 150;
const EVENTS_AT_THE_END = 400;
const LIMIT_MS = 120_000;
const REMEDY = "Look at the logs of the services, then run the chapter again.";

export const indexChapter: Chapter = {
  name: "index",
  title: "a live market is indexed, killed, lied to and reorganised, and still every row is right",
  run: async (input) => {
    const clients = outsideClients();
    input.tell(`Starting an installation of its own; looking at it through ${clients.names}.`);
    const installation = await startTemporaryInstallation(["--traffic-rate", String(RATE)]);
    try {
      return await runIn(installation, clients, input);
    } finally {
      input.tell("Stopping the installation and removing its data.");
      installation.remove();
    }
  },
};

async function runIn(
  installation: TemporaryInstallation,
  clients: OutsideClients,
  input: ChapterInput,
): Promise<readonly Check[]> {
  const { ports, home } = installation;
  const paths = installationPaths(home);
  const rpcUrl = `http://127.0.0.1:${ports.chain}`;
  const indexer = `http://127.0.0.1:${ports.indexerHealth}/health`;
  const databaseUrl = (await embeddedUrl({ dataDir: paths.postgres, port: ports.postgres })).reveal();

  input.tell(`Letting the market live at ${RATE} actions a second ...`);
  await eventsStored(clients, databaseUrl, EVENTS_BEFORE_THE_KILL);
  const killed = killServices(installation, ["market-indexer", "chain", "postgres"]);
  input.tell(`kill -9 to ${killed.join(", ")}; the supervisor brings them back ...`);
  await eventsStored(clients, databaseUrl, EVENTS_AT_THE_END);

  const workloads = createProcessWorkloads({ stateDir: paths.state, releasesDir: paths.releases });
  await workloads.update("traffic", { desiredCount: 0 });
  const lastBlock = await quiet(clients, rpcUrl, indexer);
  input.tell(`The traffic has stopped; everything up to block ${lastBlock} is indexed.`);

  const market = (await clients.get(`http://127.0.0.1:${ports.chainHealth}/health`)) as { market: string };
  if (input.isSabotaged) {
    input.tell("Sabotage: deleting one row behind the product's back.");
    await clients.sql(
      databaseUrl,
      "delete from request_locked_events where ctid = (select min(ctid) from request_locked_events)",
    );
  }
  return [
    ...(await compareWithChain(clients, { rpcUrl, databaseUrl, market: market.market, lastBlock })),
    await compareWithLedger(clients, databaseUrl, paths.ledger),
    await apiShows(clients, `http://127.0.0.1:${ports.marketApi}`, lastBlock, databaseUrl),
    ...(await movingChain(installation, clients, { tell: input.tell, market: market.market })),
  ];
}

function killServices(installation: TemporaryInstallation, names: readonly string[]): readonly string[] {
  const status = JSON.parse(installation.tidegate(["status", "--json"], true)) as {
    parts: ReadonlyArray<{ name: string; pid: number | null }>;
    services: ReadonlyArray<{ name: string; pid: number | null }>;
  };
  return [...status.parts, ...status.services].flatMap(({ name, pid }) => {
    if (!names.includes(name) || pid === null) return [];
    process.kill(pid, "SIGKILL");
    return [`${name} (${pid})`];
  });
}

/** Waits until so many events are stored; the database may be down meanwhile, that is the point of the chapter. */
async function eventsStored(clients: OutsideClients, databaseUrl: string, count: number): Promise<void> {
  const counts = EVENT_TABLES.map(({ table }) => `(select count(*) from ${table})`).join(" + ");
  await waitUntil(
    async () => {
      const [row] = await clients.sql(databaseUrl, `select ${counts}`).catch(() => []);
      return Number(row?.[0] ?? 0) >= count || undefined;
    },
    { what: `Indexing ${count} events`, limitMs: LIMIT_MS, everyMs: 500, remedy: REMEDY },
  );
}

/** Waits until the block that is the head once the traffic has ended is indexed, and returns it. */
async function quiet(clients: OutsideClients, rpcUrl: string, indexer: string): Promise<number> {
  await waitUntil(
    async () => {
      // The chain may still be on its way back.
      const pool = (await clients.rpc(rpcUrl, "txpool_status", []).catch(() => undefined)) as
        | { pending: string }
        | undefined;
      return pool?.pending === "0x0" || undefined;
    },
    {
      what: "The end of the pending transactions",
      limitMs: LIMIT_MS,
      everyMs: 500,
      remedy: REMEDY,
    },
  );
  const head = Number(await clients.rpc(rpcUrl, "eth_blockNumber", []));
  await waitUntil(
    async () => {
      const health = (await clients.get(indexer).catch(() => undefined)) as { indexedBlock?: number } | undefined;
      return (health?.indexedBlock ?? 0) >= head ? true : undefined;
    },
    { what: `Indexing block ${head}`, limitMs: LIMIT_MS, everyMs: 500, remedy: REMEDY },
  );
  return head;
}

/** The traffic's ledger was written before anything was sent: what it says was submitted must be in proof_requests. */
async function compareWithLedger(clients: OutsideClients, databaseUrl: string, ledger: string): Promise<Check> {
  const submitted = new Set<string>();
  for (const line of readFileSync(ledger, "utf8")
    .split("\n")
    .filter((text) => text !== "")) {
    const entry = JSON.parse(line) as { action?: string; digest?: string };
    if (entry.action === "submitRequest" && entry.digest !== undefined) submitted.add(entry.digest.slice(2));
  }
  const rows = await clients.sql(
    databaseUrl,
    "select encode(request_digest, 'hex') from proof_requests where source = 'onchain'",
  );
  const stored = new Set(rows.map(([digest]) => digest ?? ""));
  const missing = [...submitted].filter((digest) => !stored.has(digest)).length;
  return {
    claim: "every request that the traffic submitted is in proof_requests, and no other",
    holds: missing === 0 && stored.size === submitted.size,
    seen: `${submitted.size} in the ledger, ${stored.size} rows, ${missing} missing`,
  };
}

async function apiShows(clients: OutsideClients, api: string, lastBlock: number, databaseUrl: string): Promise<Check> {
  const market = (await clients.get(`${api}/v1/market`)) as { last_indexed_block: number | string };
  let listed = 0;
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = (await clients.get(`${api}/v1/market/requests?limit=500${next}`)) as {
      data: readonly unknown[];
      next_cursor: string | null;
    };
    listed += page.data.length;
    cursor = page.next_cursor;
  } while (cursor !== null);
  const [row] = await clients.sql(databaseUrl, "select count(*) from request_status");
  return {
    claim: "the read API lists every request, up to the same block",
    holds: listed === Number(row?.[0]) && Number(market.last_indexed_block) >= lastBlock,
    seen: `${listed} listed, ${row?.[0] ?? "?"} stored, last indexed block ${market.last_indexed_block}`,
  };
}
