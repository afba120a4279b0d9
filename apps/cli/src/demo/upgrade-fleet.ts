// The example fleet in an installation of the tour's own: its processes under the installation's supervisor, its releases beside the installation's.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLocalFunctions } from "@tidegate/functions";
import { createReleaseImages } from "@tidegate/images";
import { waitUntil } from "@tidegate/kernel";
import { embeddedUrl } from "@tidegate/postgres";
import { createProcessWorkloads } from "@tidegate/workloads";
import { checkoutRoot } from "../installation/checkout-root.ts";
import { installationPaths } from "../installation/paths.ts";
import { isPortFree } from "../installation/ports.ts";
import { STORE_DATABASE } from "../installation/service-specs.ts";
import type { TemporaryInstallation } from "./temporary-installation.ts";

export const FLEET = "example";
/** The services and their counts; in this order, four ports each. */
const COUNTS = { comlink: 1, ender: 1, roundtable: 2, socks: 1, vulcan: 1 } as const;
type FleetService = keyof typeof COUNTS;
const SERVICES = Object.keys(COUNTS) as readonly FleetService[];
const PORTS_EACH = 4;

const EXAMPLE = join(checkoutRoot, "examples/fleet");
const TOPICS = "to-ender:3,to-vulcan:6,to-websockets-trades:1";
const MESSAGES_A_SECOND = 100;
const LIMIT_MS = 60_000;
/** Six processes at once, each with a start limit and restarts of its own: a machine that is busy takes its time. */
const START_LIMIT_MS = 180_000;
const REMEDY = "Look at the logs of the services, then run the chapter again.";

const YAML = `name: ${FLEET}
platform: processes
services: { comlink: {}, ender: { writer: true }, roundtable: { writer: true }, socks: {}, vulcan: {} }
migrator: { function: bazooka }
`;

type Place = Pick<TemporaryInstallation, "home" | "ports">;

export const fleetDatabaseUrl = async ({ home, ports }: Place): Promise<string> =>
  (
    await embeddedUrl({ dataDir: installationPaths(home).postgres, port: ports.postgres, database: STORE_DATABASE })
  ).reveal();

/** What the installation must be started with, to know the fleet and to prepare its database. */
export async function fleetVariables(place: Place): Promise<Record<string, string>> {
  const fleetsDir = join(place.home, "fleets");
  mkdirSync(fleetsDir);
  writeFileSync(join(fleetsDir, `${FLEET}.yaml`), YAML);
  return {
    AUXO_FLEETS_DIR: fleetsDir,
    BAZOOKA_MIGRATIONS_DIR: join(EXAMPLE, "migrations/release-1"),
    BAZOOKA_TOPICS: TOPICS,
    FLEET_DATABASE_URL: await fleetDatabaseUrl(place),
  };
}

export interface ExampleFleet {
  readonly portOf: (service: FleetService, instance?: number) => number;
  readonly ledgerDir: string;
  readonly writeRelease: (tag: string, ...flags: readonly string[]) => void;
  /** Migrates and creates the topics, runs every service on the release at its count, waits until all are healthy. */
  readonly start: (tag: string) => Promise<void>;
  readonly startTraffic: () => Traffic;
}

export interface Traffic {
  /** Of its GET /health. */
  readonly url: string;
  /** What was sent is acknowledged and in the ledger then. Throws when it had ended by itself. */
  readonly stop: () => Promise<void>;
  /** SIGKILL, where nothing matters any more. */
  readonly kill: () => void;
}

export async function openExampleFleet(installation: TemporaryInstallation): Promise<ExampleFleet> {
  const { home } = installation;
  const base = await freePorts(SERVICES.length * PORTS_EACH + 1);
  const portOf: ExampleFleet["portOf"] = (service, instance = 0) =>
    base + SERVICES.indexOf(service) * PORTS_EACH + instance;
  const ledgerDir = join(home, "ledger");
  mkdirSync(ledgerDir);
  return {
    portOf,
    ledgerDir,
    writeRelease: (tag, ...flags) => {
      const more = ["--ledger-dir", ledgerDir, "--topics", TOPICS, "--tick-ms", "50", ...flags];
      writeRelease(home, ["--tag", tag, "--port-base", String(base), ...more]);
    },
    start: async (tag) => startFleet(installation, tag),
    startTraffic: () => startTraffic(installation, { portOf, ledgerDir, port: base + SERVICES.length * PORTS_EACH }),
  };
}

function writeRelease(home: string, flags: readonly string[]): void {
  const program = join(EXAMPLE, "src/release-main.ts");
  const where = ["--releases-dir", installationPaths(home).releases];
  const bazooka = ["--bazooka", join(checkoutRoot, "services/bazooka/src/index.ts")];
  execFileSync(process.execPath, [program, ...where, ...bazooka, ...flags], { timeout: LIMIT_MS, stdio: "pipe" });
}

async function startFleet({ home, tidegate }: TemporaryInstallation, release: string): Promise<void> {
  tidegate(["prepare", "apply", "--set", "migrate=true", "--set", "create_kafka_topics=true", "--yes"]);
  const { releases: releasesDir, state, functions: functionsDir } = installationPaths(home);
  const images = createReleaseImages({ releasesDir });
  const functions = createLocalFunctions({ stateDir: functionsDir, releasesDir, images });
  const { uri } = await images.resolve({ repository: "bazooka", tag: release });
  await functions.ensure("bazooka", { image: uri });
  const workloads = createProcessWorkloads({ stateDir: state, releasesDir });
  for (const name of SERVICES) await workloads.ensure(name, { release, desiredCount: COUNTS[name] });
  await waitUntil(
    async () => {
      const all = [...(await workloads.describeAll(SERVICES)).values()];
      return all.every((one) => one.deployments[0]?.state === "completed") || undefined;
    },
    { what: "The fleet running", limitMs: START_LIMIT_MS, everyMs: 200, remedy: REMEDY },
  );
}

function startTraffic(
  { ports }: TemporaryInstallation,
  { portOf, ledgerDir, port }: Pick<ExampleFleet, "portOf" | "ledgerDir"> & { readonly port: number },
): Traffic {
  const child = spawn(process.execPath, [join(EXAMPLE, "src/traffic/main.ts")], {
    stdio: "ignore",
    env: {
      ...process.env,
      PORT: String(port),
      KAFKA_BROKER_URLS: `127.0.0.1:${ports.kafka}`,
      FLEET_LEDGER_DIR: ledgerDir,
      FLEET_RATE: String(MESSAGES_A_SECOND),
      FLEET_COMLINK_URL: `http://127.0.0.1:${portOf("comlink")}`,
      FLEET_SOCKS_URL: `ws://127.0.0.1:${portOf("socks")}`,
    },
  });
  return {
    url: `http://127.0.0.1:${port}/health`,
    stop: async () => {
      if (child.exitCode !== null) throw new Error(`The traffic had ended by itself, with ${child.exitCode}.`);
      const gone = once(child, "exit", { signal: AbortSignal.timeout(LIMIT_MS) });
      child.kill("SIGTERM");
      await gone;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

/** The first of so many that are free now, one after the other. */
async function freePorts(count: number): Promise<number> {
  for (let base = 40_000 + (process.pid % 100) * 100; base < 60_000; base += 100) {
    const free = await Promise.all(Array.from({ length: count }, async (_, index) => isPortFree(base + index)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`No ${count} free ports were found from 40,000 up.`);
}
