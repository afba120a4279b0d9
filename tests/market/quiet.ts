// Stops the traffic of an installation and waits until all that it sent is mined and indexed.
import { createRpcClient, getBlockNumber } from "@tidegate/chain";
import type { TemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { waitUntil } from "@tidegate/kernel";
import { embeddedUrl } from "@tidegate/postgres";
import { createProcessWorkloads } from "@tidegate/workloads";
import { join } from "node:path";
import type { ComparedPlaces } from "./compare-with-ledger.ts";

const LIMIT_MS = 60_000;

/** Sets the traffic to zero and waits; returns where to look. */
export async function quiet(installation: TemporaryInstallation): Promise<ComparedPlaces> {
  const { home, ports } = installation;
  const rpcUrl = `http://127.0.0.1:${ports.chain}`;
  const workloads = createProcessWorkloads({ stateDir: join(home, "state"), releasesDir: join(home, "releases") });
  await workloads.update("traffic", { desiredCount: 0 });
  await waitUntil(
    async () =>
      (await workloads.describe("traffic")).instances.every((one) => one.pid === undefined) ? true : undefined,
    {
      what: "The end of the traffic",
      limitMs: LIMIT_MS,
      remedy: "Look at its log.",
    },
  );
  const rpc = createRpcClient({ urls: [rpcUrl] });
  try {
    await waitUntil(async () => (await pending(rpc)) === "0x0" || undefined, {
      what: "An empty transaction pool",
      limitMs: LIMIT_MS,
      remedy: "-",
    });
    const head = Number(await getBlockNumber({ client: rpc }));
    await waitUntil(async () => ((await indexedBlock(ports.indexerHealth)) >= head ? true : undefined), {
      what: `Indexing block ${head}`,
      limitMs: LIMIT_MS,
      remedy: `Look at ${home}/state/market-indexer/logs.`,
    });
  } finally {
    await rpc.close();
  }
  const databaseUrl = (await embeddedUrl({ dataDir: join(home, "postgres"), port: ports.postgres })).reveal();
  return { ledgerPath: join(home, "traffic", "ledger.jsonl"), rpcUrl, databaseUrl };
}

async function pending(rpc: ReturnType<typeof createRpcClient>): Promise<string> {
  return ((await rpc.call("txpool_status", [])) as { pending: string }).pending;
}

async function indexedBlock(port: number): Promise<number> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(2_000) });
    return ((await response.json()) as { indexedBlock: number | null }).indexedBlock ?? -1;
  } catch {
    // Starting again after a kill.
    return -1;
  }
}
