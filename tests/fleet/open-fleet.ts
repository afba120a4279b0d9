// The example fleet on real parts: its processes under a supervisor, a database, a broker, a Redis, and an operator that upgrades it.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import {
  compareWithLedger,
  SERVICES,
  TRAFFIC_PROGRAM,
  waitUntilConsumed,
  writeFleetRelease,
} from "@tidegate/fleet-example";
import type { Comparison, FleetReleaseOptions, ServiceName } from "@tidegate/fleet-example";
import { createLocalFunctions } from "@tidegate/functions";
import { createReleaseImages } from "@tidegate/images";
import { startTestBroker } from "@tidegate/kafka/testing";
import { waitUntil, type Secret } from "@tidegate/kernel";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase } from "@tidegate/postgres/testing";
import { startTestServer } from "@tidegate/redis/testing";
import { createProcessWorkloads, type ProcessWorkloads } from "@tidegate/workloads";
import { ask, type Answer } from "../operations/ask-operator.ts";
import { operatorFolder, startOperator, type OperatorProcess } from "../operations/operator-process.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const SUPERVISOR = join(ROOT, "packages/parts/workloads/src/testing/run-supervisor.ts");
const BAZOOKA = { module: join(ROOT, "services/bazooka/src/index.ts"), export: "handler" };
const TOPICS = "to-ender:3,to-vulcan:6,to-websockets-trades:1";
const FUNCTION_ENV = { TIDEGATE_ENGINE: "volatile", BAZOOKA_TOPICS: TOPICS, BAZOOKA_LOCK_TIMEOUT_MS: "300" };

export const WRITERS = ["ender", "roundtable"] as const;
export const FIRST = "v1";

export interface RunSeen {
  readonly state: string;
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly result?: any;
  readonly error?: { readonly code: string; readonly message: string; readonly remedy: string | null } | null;
  readonly steps: ReadonlyArray<{ readonly name: string; readonly state: string }>;
  readonly waiting?: { readonly name: string; readonly question: string | null } | null;
}

export interface FleetUnderTest {
  /** Of the fleet; the operator's journal is in another. */
  readonly pool: Pool;
  readonly databaseUrl: Secret;
  readonly workloads: ProcessWorkloads;
  readonly ports: Readonly<Record<ServiceName, number>>;
  readonly writeRelease: (
    tag: string,
    options: Pick<FleetReleaseOptions, "release" | "fault" | "migrationsDir">,
  ) => void;
  readonly operator: () => OperatorProcess;
  /** Starts another operator in the place of a dead one. */
  readonly replaceOperator: () => Promise<OperatorProcess>;
  readonly supervisor: () => ChildProcess;
  readonly restartSupervisor: () => void;
  /** Starts an upgrade under its key and gives its run. */
  readonly upgrade: (input: Record<string, unknown>, key?: string) => Promise<string>;
  readonly plan: (input: Record<string, unknown>) => Promise<Answer>;
  readonly steer: (runId: string, verb: "approve" | "cancel" | "retry", body: unknown) => Promise<Answer>;
  readonly run: (runId: string) => Promise<RunSeen | undefined>;
  /** Resolves when a step of the run is in this state. */
  readonly reached: (runId: string, step: string, state: string) => Promise<RunSeen>;
  readonly ended: (runId: string, limitMs?: number) => Promise<RunSeen>;
  /** Ends the traffic, waits until all is consumed, and compares everything with the ledger. */
  readonly compare: () => Promise<Comparison>;
  readonly close: () => Promise<void>;
}

export interface OpenFleetOptions {
  /** Lines of the fleet's YAML besides. */
  readonly fleet?: string;
  readonly functionTimeoutMs?: number;
  readonly rate?: number;
  readonly seed?: number;
}

export async function openFleet(options: OpenFleetOptions = {}): Promise<FleetUnderTest> {
  await using opening = new AsyncDisposableStack();
  const folder = operatorFolder();
  opening.defer(folder.remove);
  const [database, journal, broker, redis] = await Promise.all([
    createTestDatabase(),
    createTestDatabase(),
    startTestBroker(),
    startTestServer(),
  ]);
  for (const one of [database, journal]) opening.defer(one.drop);
  for (const one of [broker, redis]) opening.defer(one.stop);
  const pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
  opening.defer(async () => pool.end());

  const places = { stateDir: join(folder.path, "state"), releasesDir: join(folder.path, "releases") };
  const ledgerDir = join(folder.path, "ledger");
  for (const path of [...Object.values(places), ledgerDir]) mkdirSync(path, { recursive: true });
  const ports = await freePorts();
  const brokers = broker.brokers.join(",");
  const urls = { KAFKA_BROKER_URLS: brokers, REDIS_URL: redis.url.reveal() };
  const writeRelease: FleetUnderTest["writeRelease"] = (tag, release) =>
    void writeFleetRelease({
      releasesDir: places.releasesDir,
      tag,
      ports,
      handler: BAZOOKA,
      env: { FLEET_LEDGER_DIR: ledgerDir, FLEET_TICK_MS: "50" },
      functionEnv: FUNCTION_ENV,
      functionTimeoutMs: options.functionTimeoutMs ?? 120_000,
      ...release,
    });
  writeRelease(FIRST, { release: 1 });
  writeRelease("v2", { release: 2 });
  const fleetsDir = join(folder.path, "fleets");
  mkdirSync(fleetsDir);
  writeFileSync(join(fleetsDir, "test.yaml"), fleetYaml(options.fleet ?? ""));

  const operatorEnv = {
    ...urls,
    BAZOOKA_DATABASE_URL: database.url.reveal(),
    AUXO_FLEETS_DIR: fleetsDir,
    AUXO_FLEET: "test",
  };
  const workloads = createProcessWorkloads(places);
  await firstRelease({ ...places, env: operatorEnv }, folder.path, workloads);

  let supervisor = startSupervisor(places.stateDir, { ...urls, FLEET_DATABASE_URL: database.url.reveal() });
  const restartSupervisor = (): void => {
    supervisor = startSupervisor(places.stateDir, { ...urls, FLEET_DATABASE_URL: database.url.reveal() });
  };
  opening.defer(async () => stopChild(supervisor));
  await untilRunning(workloads);
  const openOperator = async (): Promise<OperatorProcess> =>
    startOperator(folder.path, { databaseUrl: journal.url, env: operatorEnv });
  let operator = await openOperator();
  opening.defer(async () => operator.kill());
  const traffic = startTraffic({ ...urls, FLEET_LEDGER_DIR: ledgerDir }, { ports, ...options });
  opening.defer(async () => stopChild(traffic));
  const at = { database: database.url, brokers: broker.brokers, ledgerDir };
  await waitUntil(async () => ((await countEvents(pool)) > 20 ? true : undefined), {
    what: "Traffic arriving in the database",
    limitMs: 30_000,
    remedy: "",
  });

  const run: FleetUnderTest["run"] = async (runId) => {
    const answer = await ask(operator.url, "GET", `/v1/runs/${runId}`).catch(() => undefined);
    return answer?.status === 200 ? (answer.body as RunSeen) : undefined;
  };
  const closing = opening.move();
  return {
    pool,
    databaseUrl: database.url,
    workloads,
    ports,
    writeRelease,
    operator: () => operator,
    replaceOperator: async () => (operator = await openOperator()),
    supervisor: () => supervisor,
    restartSupervisor,
    upgrade: async (input, key) => startUpgrade(() => operator.url, input, key),
    plan: async (input) => ask(operator.url, "POST", "/v1/operations/upgrade/plans", { input }),
    run,
    steer: async (runId, verb, body) => ask(operator.url, "POST", `/v1/runs/${runId}/${verb}`, body),
    reached: async (runId, step, state) =>
      waitUntil(
        async () => {
          const seen = await run(runId);
          return seen?.steps.some((one) => one.name === step && one.state === state) === true ? seen : undefined;
        },
        { what: `${step} of ${runId} ${state}`, limitMs: 60_000, everyMs: 50, remedy: "" },
      ),
    ended: async (runId, limitMs = 120_000) =>
      waitUntil(
        async () => {
          const seen = await run(runId);
          return seen !== undefined && ["succeeded", "failed", "cancelled"].includes(seen.state) ? seen : undefined;
        },
        { what: `The end of ${runId}`, limitMs, everyMs: 100, remedy: "" },
      ),
    compare: async () => {
      await stopChild(traffic);
      await waitUntilConsumed(at, 60_000);
      return compareWithLedger(at);
    },
    close: async () => closing.disposeAsync(),
  };
}

function fleetYaml(more: string): string {
  const services = SERVICES.map((name) => `  ${name}: { writer: ${(WRITERS as readonly string[]).includes(name)} }`);
  const lines = [
    "name: test",
    "platform: processes",
    "services:",
    ...services,
    "migrator: { function: bazooka }",
    more,
  ];
  return `${lines.join("\n")}\n`;
}

/** Migrates to release 1, creates the topics, and says what shall run. */
async function firstRelease(
  { releasesDir, env }: { readonly releasesDir: string; readonly env: Record<string, string> },
  folder: string,
  workloads: ProcessWorkloads,
): Promise<void> {
  const images = createReleaseImages({ releasesDir });
  const functions = createLocalFunctions({ stateDir: join(folder, "functions"), releasesDir, images, env });
  const { uri } = await images.resolve({ repository: "bazooka", tag: FIRST });
  await functions.ensure("bazooka", { image: uri });
  await functions.invoke("bazooka", { migrate: true, create_kafka_topics: true }, { limitMs: 60_000 });
  for (const service of SERVICES) await workloads.ensure(service, { release: FIRST, desiredCount: 1 });
}

function startSupervisor(stateDir: string, env: Readonly<Record<string, string>>): ChildProcess {
  const baseEnv = { PATH: process.env["PATH"], ...env };
  return spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", SUPERVISOR, stateDir, JSON.stringify({ baseEnv })],
    {
      stdio: ["ignore", "ignore", "inherit"],
    },
  );
}

function startTraffic(
  env: Readonly<Record<string, string>>,
  { ports, rate = 100, seed = 1 }: OpenFleetOptions & { readonly ports: Readonly<Record<ServiceName, number>> },
): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", TRAFFIC_PROGRAM], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env["PATH"],
      ...env,
      FLEET_RATE: String(rate),
      FLEET_SEED: String(seed),
      FLEET_COMLINK_URL: `http://127.0.0.1:${ports.comlink}`,
      FLEET_SOCKS_URL: `ws://127.0.0.1:${ports.socks}`,
    },
  });
}

async function startUpgrade(url: () => string, input: Record<string, unknown>, key?: string): Promise<string> {
  const body = { input, ...(key === undefined ? {} : { key, lockWaitMs: 60_000 }) };
  const look = async (): Promise<string | undefined> => {
    const answer = await ask(url(), "POST", "/v1/operations/upgrade/runs", body).catch((error: unknown) => {
      // Under a key it is asked again; without one it might start twice.
      if (key === undefined) throw error;
      return undefined;
    });
    if (answer !== undefined && answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    return answer?.body.runId as string | undefined;
  };
  return waitUntil(look, { what: "The start of the upgrade", limitMs: 60_000, everyMs: 200, remedy: "" });
}

async function untilRunning(workloads: ProcessWorkloads): Promise<void> {
  await waitUntil(
    async () => {
      const all = await Promise.all(SERVICES.map(async (name) => workloads.describe(name)));
      return all.every((one) => one.runningCount === 1 && one.pendingCount === 0) ? true : undefined;
    },
    { what: "The fleet running", limitMs: 60_000, everyMs: 100, remedy: "" },
  );
}

async function countEvents(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ n: number }>("SELECT count(*)::int AS n FROM events");
  return rows[0]?.n ?? 0;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  await gone;
}

async function freePorts(): Promise<Record<ServiceName, number>> {
  const servers = SERVICES.map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map(async (server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async (server) => once(server.close(), "close")));
  return Object.fromEntries(SERVICES.map((name, index) => [name, ports[index] ?? 0])) as Record<ServiceName, number>;
}
