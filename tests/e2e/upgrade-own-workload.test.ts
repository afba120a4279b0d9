// Tidegate's own workload as a fleet: the market indexer and its API are upgraded under traffic and readers; no block is missed, and no request fails that a retry
// would not cure.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createAuxoHandler } from "@tidegate/auxo";
import { startTemporaryInstallation, type TemporaryInstallation } from "@tidegate/cli/temporary-installation";
import { createLogger, waitUntil } from "@tidegate/kernel";
import { createProcessWorkloads, type WorkloadStatus } from "@tidegate/workloads";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runTidegate, type Ended } from "../installation/run-tidegate.ts";
import { compareWithLedger } from "../market/compare-with-ledger.ts";
import { quiet } from "../market/quiet.ts";
import { readContinuously, type Reading } from "../market/read-continuously.ts";

const ONLY = "postgres,chain,traffic,market-indexer,market-api,operator";
const FAST_BLOCKS = { TIDEGATE_CHAIN_BLOCK_TIME_MS: "200" };
const READERS = 4;
/** Of an API with one instance on one port, from its end until the next one answers. */
const CURE_MS = 10_000;
const MORE_BLOCKS = 25;

let installation: TemporaryInstallation;
beforeAll(async () => {
  installation = await startTemporaryInstallation(["--only", ONLY, "--traffic-rate", "20"], FAST_BLOCKS);
});
afterAll(() => installation.remove());

/** In a process that this one does not wait for: the readers go on meanwhile. */
const tidegate = async (...args: readonly string[]): Promise<Ended> =>
  runTidegate([...args, "--home", installation.home]);

const look = async (): Promise<Record<"market-indexer" | "market-api", WorkloadStatus>> => {
  const { home } = installation;
  const workloads = createProcessWorkloads({ stateDir: join(home, "state"), releasesDir: join(home, "releases") });
  const [indexer, api] = await Promise.all([workloads.describe("market-indexer"), workloads.describe("market-api")]);
  return { "market-indexer": indexer, "market-api": api };
};

const pidsOf = (status: WorkloadStatus): readonly (number | undefined)[] => status.instances.map((one) => one.pid);

const readUntilBlock = async (reading: Reading, block: number): Promise<void> =>
  void (await waitUntil(() => (reading.lastBlock() >= block ? true : undefined), {
    what: `The API naming block ${block}`,
    limitMs: 60_000,
    everyMs: 50,
    remedy: "Look at the logs.",
  }));

it("writes a release on the ports of the installation, and shows what would happen without touching anything", async () => {
  const before = await look();
  const release = await tidegate("release", "--tag", "next");
  expect(release).toMatchObject({ exit: 0, stdout: "next\n" });
  const manifest = JSON.parse(readFileSync(join(installation.home, "releases/next/release.json"), "utf8")) as {
    readonly services: Readonly<Record<string, { readonly port?: number }>>;
  };
  expect(Object.keys(manifest.services).toSorted()).toEqual(ONLY.split(",").toSorted());
  expect(manifest.services["market-api"]?.port).toBe(installation.ports.marketApi);

  const plan = await tidegate("upgrade", "plan", "--upgrade-tag", "next");
  expect(plan.exit, plan.stderr).toBe(2);
  expect(plan.stdout).toMatch(/stop-writers .*: market-indexer \(1\)/);
  expect(plan.stdout).toMatch(/roll-market-indexer .*Rolls market-indexer from local-\w+ to next/);
  expect(plan.stdout).toContain("register-market-api  Registers a revision of market-api for next: nothing differs");
  expect(plan.stdout).toContain("Writers pause while they end and start: at most 60 s and 180 s.");
  expect(await look()).toEqual(before);
});

it("upgrades the indexer and its API under traffic and readers: no block is missed, no request stays unanswered", async () => {
  const before = await look();
  const reading = readContinuously(`http://127.0.0.1:${installation.ports.marketApi}`, READERS);
  try {
    await readUntilBlock(reading, MORE_BLOCKS);
    const applied = await tidegate("upgrade", "apply", "--upgrade-tag", "next", "--yes");
    expect(applied.exit, applied.stderr).toBe(0);
    const { parts, writerPauseMs } = JSON.parse(applied.stdout) as {
      readonly writerPauseMs: number;
      readonly parts: { readonly drainMs: number; readonly startMs: number; readonly migrateMs: number };
    };
    expect(parts.migrateMs).toBe(0);
    expect(writerPauseMs).toBeGreaterThanOrEqual(parts.drainMs + parts.startMs);
    await readUntilBlock(reading, reading.lastBlock() + MORE_BLOCKS);
  } finally {
    await reading.stop();
  }
  expect(reading.outages.filter((one) => one.curedAfterMs === null || one.curedAfterMs > CURE_MS)).toEqual([]);
  // Its one instance went and came: had nobody asked meanwhile, this test would show nothing.
  expect(reading.outages.length).toBeGreaterThan(0);
  expect(reading.steppedBack).toEqual([]);
  expect(reading.answered()).toBeGreaterThan(200);

  const after = await look();
  for (const [name, status] of Object.entries(after)) {
    expect(status, name).toMatchObject({ release: "next", desiredCount: 1, runningCount: 1, pendingCount: 0 });
    const old = pidsOf(before[name as keyof typeof before]);
    for (const pid of pidsOf(status)) expect(old).not.toContain(pid);
  }
  expect((await tidegate("upgrade", "plan", "--upgrade-tag", "next")).stdout).toContain("tidegate is at next already.");
});

it("went on where the old indexer was, and every table is what the chain and the traffic's ledger say", async () => {
  const [stopped, begun] = await indexersWords();
  expect(BigInt(begun)).toBe(BigInt(stopped));

  const places = await quiet(installation);
  const counts = await compareWithLedger(places);
  expect(counts.request_submitted_events).toBeGreaterThan(50);
  const client = new Client({ connectionString: places.databaseUrl });
  await client.connect();
  try {
    // Blocks without an event, and that end no batch, are not stored.
    const { rows } = await client.query(
      `select (select count(*)::int from transactions where block_number not in (select block_number from blocks)) as missing,
              (select count(*)::int from blocks a join blocks b on b.block_number = a.block_number + 1 where b.parent_hash <> a.block_hash) as broken`,
    );
    expect(rows).toEqual([{ missing: 0, broken: 0 }]);
  } finally {
    await client.end();
  }
});

it("is upgraded by Auxo's Lambda handler, too, as a client of the installation's operator", async () => {
  expect((await tidegate("release", "--tag", "third")).exit).toBe(0);
  const { tokens } = JSON.parse(readFileSync(join(installation.home, "tokens.json"), "utf8")) as {
    readonly tokens: ReadonlyArray<{ readonly token: string }>;
  };
  const handler = createAuxoHandler({
    env: {
      TIDEGATE_OPERATOR_URL: `http://127.0.0.1:${installation.ports.operator}`,
      TIDEGATE_OPERATOR_TOKEN: tokens[0]?.token,
    },
    logger: createLogger({ service: "auxo", destination: { write: () => true } }),
  });
  const untilMs = performance.now() + 120_000;
  const body = JSON.stringify({ upgrade_tag: "third" });
  const answer = await handler(
    { body, headers: {} },
    { awsRequestId: "r1", getRemainingTimeInMillis: () => untilMs - performance.now() },
  );
  expect(answer).toEqual({ statusCode: 200, body: '{"message":"success"}' });
  for (const [name, status] of Object.entries(await look()))
    expect(status, name).toMatchObject({ release: "third", desiredCount: 1, runningCount: 1, pendingCount: 0 });
});

/** The block that the stopped indexer had stored, and the one that the next one found. */
async function indexersWords(): Promise<readonly [string, string]> {
  const { stdout } = await tidegate("logs", "market-indexer", "--lines", "500");
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly message: string; readonly indexedBlock?: string });
  const last = (message: string): string => lines.findLast((line) => line.message === message)?.indexedBlock ?? "none";
  return [last("Stopped"), last("Indexing")];
}
