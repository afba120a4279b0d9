// What can be known to fail before anything is started, each told with its remedy: room, ports, and the real parts that were named.
import { mkdirSync, statfsSync } from "node:fs";
import { checkChain, createRpcClient, getCode } from "@tidegate/chain";
import { openAdmin } from "@tidegate/kafka";
import { ConfigInvalid, EXIT, TidegateError } from "@tidegate/kernel";
import { checkServer, createPool } from "@tidegate/postgres";
import { describeServer } from "@tidegate/redis";
import { findSupervisor, SupervisorRunning, type Workloads } from "@tidegate/workloads";
import type { Installation } from "./command-input.ts";
import { isPortFree, PortTaken, type InstallationPorts } from "./ports.ts";
import { chosenServices } from "./release.ts";
import type { ServiceName } from "./service-names.ts";

/** An empty PostgreSQL cluster with its write-ahead log takes about 60 MB; the example grows by some MB a minute at its default rate. */
const NEEDED_BYTES = 256 * 2 ** 20;

/** Which ports each service opens. */
const PORTS_OF: Readonly<Record<ServiceName, ReadonlyArray<keyof InstallationPorts>>> = {
  postgres: ["postgres", "postgresHealth"],
  chain: ["chain", "chainHealth"],
  traffic: ["trafficHealth"],
  "market-indexer": ["indexerHealth"],
  "market-api": ["marketApi"],
  kafka: ["kafka", "kafkaController"],
  redis: ["redis"],
  operator: ["operator"],
};

/** Changes nothing but making the home folder. Throws the first problem found, cheapest checks first. */
export async function preflight(installation: Installation, workloads: Workloads): Promise<void> {
  refuseBesideAnother(installation.paths.state);
  refuseMixedChains(installation.config);
  checkHome(installation.paths.home);
  await checkPorts(installation, workloads);
  await checkDatabase(installation);
  await checkEndpoint(installation);
  await checkStores(installation);
}

/** Before anything is written: a refused `up` must leave the running installation as it is. */
function refuseBesideAnother(stateDir: string): void {
  const other = findSupervisor(stateDir);
  if (other !== undefined) throw new SupervisorRunning({ stateDir, pid: other.pid });
}

/** What says where a real chain's market is makes no sense on the embedded chain. */
function refuseMixedChains(config: Installation["config"]): void {
  if (config.rpcUrls !== undefined) return;
  const given = {
    LOGS_ETH_RPC_URL: config.logsRpcUrls,
    CHAIN_ID: config.chainId,
    BOUNDLESS_MARKET_ADDRESS: config.marketAddress,
  };
  const problems = Object.entries(given)
    .filter(([, value]) => value !== undefined)
    .map(([path]) => ({
      path,
      problem: "is about a real chain, but ETH_RPC_URL is not set, so the embedded chain would be used",
    }));
  if (problems.length > 0) throw new ConfigInvalid(problems);
}

function checkHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true });
  } catch (cause) {
    throw new HomeUnusable({ home, reason: `it cannot be made: ${(cause as Error).message}`, cause });
  }
  const { bavail, bsize } = statfsSync(home);
  const free = bavail * bsize;
  if (free < NEEDED_BYTES) throw new DiskTooFull({ home, free });
}

async function checkPorts({ config, ports }: Installation, workloads: Workloads): Promise<void> {
  const known = await workloads.list();
  for (const service of chosenServices(config)) {
    // A living process of ours holds its ports rightly: it is adopted, or replaced by the supervisor.
    const isOurs =
      known.includes(service) && (await workloads.describe(service)).instances.some((one) => one.pid !== undefined);
    if (isOurs) continue;
    for (const name of PORTS_OF[service]) {
      if (isOutliving(service, name)) continue;
      const port = ports[name];
      if (!(await isPortFree(port))) throw new PortTaken({ port, service, portBase: config.portBase });
    }
  }
}

/** PostgreSQL may outlive the process that launched it; its launcher tells a survivor from a stranger. */
function isOutliving(service: ServiceName, port: keyof InstallationPorts): boolean {
  return service === "postgres" && port === "postgres";
}

async function checkDatabase({ config }: Installation): Promise<void> {
  if (config.database === undefined) return;
  const pool = createPool({ url: config.database, max: 1, applicationName: "tidegate up", connectionTimeoutMs: 5_000 });
  try {
    await checkServer(pool);
  } finally {
    await pool.end();
  }
}

async function checkEndpoint({ config }: Installation): Promise<void> {
  if (config.rpcUrls === undefined) return;
  if (config.marketAddress === undefined) throw new MarketAddressMissing();
  const client = createRpcClient({
    urls: config.rpcUrls,
    requestTimeoutMs: 5_000,
    retry: { attempts: 2 },
  });
  try {
    if (config.chainId !== undefined) await checkChain({ client, chainId: BigInt(config.chainId) });
    await getCode({ client, address: config.marketAddress });
  } finally {
    await client.close();
  }
}

/** A cluster or server that was named and does not answer is told now, in seconds, and not by the first operation. */
async function checkStores({ config }: Installation): Promise<void> {
  if (config.kafkaBrokers !== undefined) {
    const admin = openAdmin({
      brokers: config.kafkaBrokers.split(","),
      clientId: "tidegate up",
      connectTimeoutMs: 3_000,
    });
    try {
      await admin.describeCluster();
    } finally {
      await admin.close();
    }
  }
  if (config.redisUrl !== undefined) await describeServer({ url: config.redisUrl, timeoutMs: 3_000 });
}

class HomeUnusable extends TidegateError {
  override readonly name = "HomeUnusable";
  constructor(facts: { home: string; reason: string; cause?: unknown }) {
    super({
      code: "home.unusable",
      message: `The folder ${facts.home} cannot hold the installation: ${facts.reason}. Nothing was started.`,
      remedy: "Name another one with --home, or mend its permissions.",
      cause: facts.cause,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

class DiskTooFull extends TidegateError {
  override readonly name = "DiskTooFull";
  constructor(facts: { home: string; free: number }) {
    super({
      code: "disk.full",
      message: `The disk under ${facts.home} has ${Math.floor(facts.free / 2 ** 20)} MiB left and an installation needs ${NEEDED_BYTES / 2 ** 20}. Nothing was started.`,
      remedy: "Make room, or name a folder on another disk with --home.",
      details: { freeBytes: facts.free, neededBytes: NEEDED_BYTES },
      blame: "user",
      exit: EXIT.partDown,
    });
  }
}

class MarketAddressMissing extends TidegateError {
  override readonly name = "MarketAddressMissing";
  constructor() {
    super({
      code: "config.market-missing",
      message: "A real endpoint is named, but not the market on its chain. Nothing was started.",
      remedy: "Set BOUNDLESS_MARKET_ADDRESS (or --boundless-market-address) to the market contract.",
      blame: "user",
      exit: EXIT.usage,
    });
  }
}
