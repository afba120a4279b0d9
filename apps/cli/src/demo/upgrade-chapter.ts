// Chapter "upgrade": five services are upgraded under traffic, then once more while the operator is killed; no write is lost, and never two versions write.
import { kafkaOff } from "@tidegate/kafka";
import { PartIsOff, waitUntil } from "@tidegate/kernel";
import { redisOff } from "@tidegate/redis";
import { LOCAL_TOKEN, readTokens } from "../installation/tokens.ts";
import type { Chapter, ChapterInput, Check } from "./chapter.ts";
import { kafkaTools } from "./kafka-tools.ts";
import { operatorPid } from "./operator-pid.ts";
import { outsideClients, type OutsideClients } from "./outside-clients.ts";
import { startTemporaryInstallation, type TemporaryInstallation } from "./temporary-installation.ts";
import { checkVersions, checkWriters, checkWrites, type FleetLook } from "./upgrade-checks.ts";
import { FLEET, fleetDatabaseUrl, fleetVariables, openExampleFleet, type Traffic } from "./upgrade-fleet.ts";
import { tellResult, type UpgradeRun } from "./upgrade-result.ts";

const VERSIONS = ["v1", "v2", "v3"] as const;
const LIMIT_MS = 180_000;
const REMEDY = "Look at the log of the operator and of the services, then run the chapter again.";
/** Of a version, before the next thing happens to it. */
const EVENTS_EACH = 300;

export const upgradeChapter: Chapter = {
  name: "upgrade",
  title: "five services are upgraded under traffic, once with the operator killed; no write is lost",
  run: async (input) => {
    refuseWithoutParts();
    const clients = outsideClients();
    input.tell(`Starting an installation of its own; looking at it through Kafka's own tools, ${clients.names}.`);
    const only = ["--only", "postgres,kafka,redis,operator"];
    const installation = await startTemporaryInstallation(only, fleetVariables);
    try {
      return await runIn(installation, clients, input);
    } finally {
      input.tell("Stopping the installation and removing its data.");
      installation.remove();
    }
  },
};

function refuseWithoutParts(): void {
  const kafka = kafkaOff();
  if (kafka !== undefined) throw new PartIsOff({ part: "kafka", ...kafka });
  const redis = redisOff();
  if (redis !== undefined) throw new PartIsOff({ part: "redis", ...redis });
}

async function runIn(
  installation: TemporaryInstallation,
  clients: OutsideClients,
  input: ChapterInput,
): Promise<readonly Check[]> {
  const fleet = await openExampleFleet(installation);
  const databaseUrl = await fleetDatabaseUrl(installation);
  const look = { clients, kafka: await kafkaTools(`127.0.0.1:${installation.ports.kafka}`), databaseUrl, fleet };
  fleet.writeRelease("v1", "--release", "1");
  fleet.writeRelease("v2", "--release", "2");
  fleet.writeRelease("v3", "--release", "2", "--more-migrations", "1");
  input.tell("Migrating a database to release 1, creating the topics, starting five services and traffic on them ...");
  await fleet.start("v1");
  const traffic = fleet.startTraffic();
  try {
    return await upgradeTwice(installation, { look, traffic }, input);
  } finally {
    traffic.kill();
  }
}

async function upgradeTwice(
  installation: TemporaryInstallation,
  { look, traffic }: { readonly look: FleetLook; readonly traffic: Traffic },
  { tell, isSabotaged }: ChapterInput,
): Promise<readonly Check[]> {
  const { clients, databaseUrl } = look;
  await untilWritten(look, "v1");
  const runs = openRuns(installation, clients, tell);
  const first = await runs.ended(runs.start("v2"));
  tellResult(tell, first);
  await untilWritten(look, "v2");
  const { before, after } = await runs.killInTheMiddle("v3");
  tellResult(tell, after);
  await untilWritten(look, "v3");
  const { reads } = (await clients.get(traffic.url)) as { readonly reads: Reads };
  await traffic.stop();
  await untilConsumed(look);
  if (isSabotaged) {
    tell("Sabotage: removing one event behind the product's back.");
    const victim = "select id from events where writer_version = 'v2' limit 1";
    await clients.sql(databaseUrl, `delete from events where id = (${victim})`);
  }
  tell("The traffic has stopped; comparing its ledger, Kafka and the database ...");
  return [
    ...(await checkWrites(look)),
    await checkVersions(look, VERSIONS),
    await checkWriters(look, "v3"),
    checkTakeover(before, after),
    checkReads(reads),
  ];
}

interface Runs {
  /** Shows the plan, then applies exactly it; gives the run's id. */
  readonly start: (tag: string) => string;
  readonly ended: (runId: string) => Promise<UpgradeRun>;
  readonly killInTheMiddle: (tag: string) => Promise<{ readonly before: UpgradeRun; readonly after: UpgradeRun }>;
}

function openRuns(
  { home, ports, tidegate }: TemporaryInstallation,
  clients: OutsideClients,
  tell: ChapterInput["tell"],
): Runs {
  const token = readTokens(home).tokens.find((one) => one.name === LOCAL_TOKEN)?.token ?? "";
  const until = async (runId: string, what: string, holds: (run: UpgradeRun) => boolean): Promise<UpgradeRun> =>
    waitUntil(
      async () => {
        const url = `http://127.0.0.1:${ports.operator}/v1/runs/${runId}`;
        const run = (await clients.get(url, token).catch(() => undefined)) as UpgradeRun | undefined;
        return run !== undefined && holds(run) ? run : undefined;
      },
      { what, limitMs: LIMIT_MS, everyMs: 50, remedy: REMEDY },
    );
  const start: Runs["start"] = (tag) => {
    const fields = ["--fleet", FLEET, "--upgrade-tag", tag];
    tell(`tidegate upgrade plan ${fields.join(" ")}`);
    const plan = JSON.parse(tidegate(["upgrade", "plan", ...fields, "--json"], true)) as ShownPlan;
    for (const step of plan.draft.steps) tell(`  changes   ${step.change}`);
    for (const note of plan.draft.notes ?? []) tell(`  note      ${note}`);
    return tidegate(["upgrade", "apply", plan.id, "--yes", "--detach"]).trim();
  };
  const ended: Runs["ended"] = async (runId) =>
    until(runId, "The end of the upgrade", ({ state }) => ["succeeded", "failed", "cancelled"].includes(state));
  return {
    start,
    ended,
    killInTheMiddle: async (tag) => {
      const pid = operatorPid(tidegate);
      const runId = start(tag);
      const before = await until(runId, "The writers being down", (run) => has(run, "drain-writers"));
      process.kill(pid, "SIGKILL");
      tell(`No writer runs any more; kill -9 to the operator (${pid}). The supervisor brings it back ...`);
      return { before, after: await ended(runId) };
    },
  };
}

interface ShownPlan {
  readonly id: string;
  readonly draft: { readonly steps: ReadonlyArray<{ readonly change: string }>; readonly notes?: readonly string[] };
}

const has = (run: UpgradeRun, step: string): boolean =>
  run.steps.some((one) => one.name === step && one.state === "succeeded");

/** Both of them. */
async function untilWritten({ clients, databaseUrl }: FleetLook, version: string): Promise<void> {
  const count = async (table: string): Promise<number> =>
    Number(
      (await clients.sql(databaseUrl, `select count(*) from ${table} where writer_version = '${version}'`))[0]?.[0],
    );
  await waitUntil(
    async () => ((await count("events")) >= EVENTS_EACH && (await count("ticks")) > 0 ? true : undefined),
    {
      what: `Rows of ${version}`,
      limitMs: LIMIT_MS,
      everyMs: 200,
      remedy: REMEDY,
    },
  );
}

/** When it is not, the check says so. */
async function untilConsumed({ clients, kafka, databaseUrl }: FleetLook): Promise<void> {
  const { high = 0 } = (await kafka.topics()).get("to-ender") ?? {};
  const position = "select coalesce(sum(next_offset), 0) from consumer_offsets where topic = 'to-ender'";
  await waitUntil(async () => (Number((await clients.sql(databaseUrl, position))[0]?.[0]) >= high ? true : undefined), {
    what: "Ender reading to the end",
    limitMs: 30_000,
    everyMs: 200,
    remedy: REMEDY,
  }).catch(() => undefined);
}

function checkTakeover(before: UpgradeRun, after: UpgradeRun): Check {
  return {
    claim: "the second upgrade was begun by one operator, and finished by the next",
    holds:
      after.state === "succeeded" &&
      after.fence > before.fence &&
      after.executor !== before.executor &&
      !has(before, "await-writers"),
    seen: `${after.state}, token ${before.fence} before and ${after.fence} after`,
  };
}

interface Reads {
  readonly requests: number;
  readonly cured: number;
  readonly failed: number;
}

function checkReads({ requests, cured, failed }: Reads): Check {
  return {
    claim: "no request to Comlink failed that a retry did not cure",
    holds: failed === 0 && requests > 0,
    seen: `${requests} requests, ${cured} cured, ${failed} failed`,
  };
}
