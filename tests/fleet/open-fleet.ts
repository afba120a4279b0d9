// The example fleet on real parts: its processes under a supervisor, a database, a broker, a Redis, and operators that upgrade it.
import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compareWithLedger, SERVICES, waitUntilConsumed, writeFleetRelease } from "@tidegate/fleet-example";
import type { Comparison, FleetReleaseOptions, ServiceName } from "@tidegate/fleet-example";
import { createLocalFunctions } from "@tidegate/functions";
import { createReleaseImages } from "@tidegate/images";
import { startTestBroker } from "@tidegate/kafka/testing";
import { waitUntil, type Secret } from "@tidegate/kernel";
import { createPool, type Pool } from "@tidegate/postgres";
import { startTestServer } from "@tidegate/redis/testing";
import { createProcessWorkloads, type ProcessWorkloads } from "@tidegate/workloads";
import type { Answer } from "../operations/ask-operator.ts";
import { operatorFolder, startOperator, type OperatorProcess } from "../operations/operator-process.ts";
import { openCrew, type Crew } from "./crew.ts";
import { endTraffic, freePorts, startSupervisor, startTraffic, stopChild } from "./fleet-processes.ts";
import { openDatabases, type Databases } from "./open-databases.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
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
  readonly steps: ReadonlyArray<{ readonly name: string; readonly state: string; readonly endedAt: string | null }>;
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
  readonly crew: Crew;
  readonly operator: () => OperatorProcess;
  /** Resolves when another operator is in the place of a dead one. */
  readonly replaceOperator: () => Promise<void>;
  /** Where the databases are on a server of their own. */
  readonly killPostgres: Databases["kill"];
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
  /** How many operators there are at any time. Default 1. */
  readonly operators?: number;
  /** Puts both databases on a server of their own. Default false. */
  readonly isPostgresKillable?: boolean;
}

export async function openFleet(options: OpenFleetOptions = {}): Promise<FleetUnderTest> {
  await using opening = new AsyncDisposableStack();
  const folder = operatorFolder();
  opening.defer(folder.remove);
  const [databases, broker, redis] = await Promise.all([
    openDatabases({ isKillable: options.isPostgresKillable ?? false }),
    startTestBroker(),
    startTestServer(),
  ]);
  opening.defer(databases.close);
  for (const one of [broker, redis]) opening.defer(one.stop);
  const pool = createPool({ url: databases.fleet, applicationName: "ground truth", max: 2 });
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
    BAZOOKA_DATABASE_URL: databases.fleet.reveal(),
    AUXO_FLEETS_DIR: fleetsDir,
    AUXO_FLEET: "test",
  };
  const workloads = createProcessWorkloads(places);
  await firstRelease({ ...places, env: operatorEnv }, folder.path, workloads);

  let supervisor = startSupervisor(places.stateDir, { ...urls, FLEET_DATABASE_URL: databases.fleet.reveal() });
  const restartSupervisor = (): void => {
    supervisor = startSupervisor(places.stateDir, { ...urls, FLEET_DATABASE_URL: databases.fleet.reveal() });
  };
  opening.defer(async () => stopChild(supervisor));
  await untilRunning(workloads);
  const openOperator = async (): Promise<OperatorProcess> =>
    startOperator(folder.path, { databaseUrl: databases.journal, env: operatorEnv });
  const crew = await openCrew(openOperator, options.operators ?? 1);
  opening.defer(crew.close);
  const logFile = join(folder.path, "traffic.log");
  const traffic = startTraffic({ ...urls, FLEET_LEDGER_DIR: ledgerDir }, { ports, logFile, ...options });
  opening.defer(async () => stopChild(traffic));
  const at = { database: databases.fleet, brokers: broker.brokers, ledgerDir };
  await waitUntil(async () => ((await countEvents(pool)) > 20 ? true : undefined), {
    what: "Traffic arriving in the database",
    limitMs: 30_000,
    remedy: "",
  });

  const run: FleetUnderTest["run"] = async (runId) => {
    const answer = await crew.ask("GET", `/v1/runs/${runId}`);
    return answer?.status === 200 ? (answer.body as RunSeen) : undefined;
  };
  const closing = opening.move();
  return {
    pool,
    databaseUrl: databases.fleet,
    workloads,
    ports,
    writeRelease,
    crew,
    operator: () => crew.members()[0] ?? nobody(),
    replaceOperator: crew.full,
    killPostgres: databases.kill,
    supervisor: () => supervisor,
    restartSupervisor,
    upgrade: async (input, key) => startUpgrade(crew, input, key),
    plan: async (input) => (await crew.ask("POST", "/v1/operations/upgrade/plans", { input })) ?? nobody(),
    run,
    steer: async (runId, verb, body) => (await crew.ask("POST", `/v1/runs/${runId}/${verb}`, body)) ?? nobody(),
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
      await endTraffic(traffic, logFile);
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

async function startUpgrade(crew: Crew, input: Record<string, unknown>, key?: string): Promise<string> {
  const body = { input, ...(key === undefined ? {} : { key, lockWaitMs: 60_000 }) };
  const look = async (): Promise<string | undefined> => {
    const answer = await crew.ask("POST", "/v1/operations/upgrade/runs", body);
    // Under a key it is asked again; without one it might start twice.
    if (answer === undefined) return key === undefined ? nobody() : undefined;
    if (answer.status >= 500 && key !== undefined) return undefined;
    if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    return answer.body.runId as string;
  };
  return waitUntil(look, { what: "The start of the upgrade", limitMs: 120_000, everyMs: 200, remedy: "" });
}

function nobody(): never {
  throw new Error("No operator answers");
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
