// The fleet's programs on a real PostgreSQL, Kafka and Redis: nothing is lost or doubled, whatever is killed, and each release writes only to its own schema.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBazooka, openStores, type Stores } from "@tidegate/bazooka/testing";
import { kafkaOff } from "@tidegate/kafka";
import { seededRandom, waitUntil } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compareWithLedger, waitUntilConsumed, type CheckPlace } from "./check/compare-with-ledger.ts";
import { openFleetPrograms, type FleetProgram, type FleetPrograms } from "./testing/fleet-programs.ts";
import { FLEET_MIGRATIONS } from "./write-release.ts";

const isOff = kafkaOff() !== undefined || redisOff() !== undefined;
const seed = Math.floor(Math.random() * 2 ** 32);
const random = seededRandom(seed);

describe.skipIf(isOff)("the fleet (needs Java 17, Maven and Redis)", { timeout: 120_000 }, () => {
  let stores: Stores;
  let folder: string;
  let at: CheckPlace;
  let turn = 0;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    stores = await openStores(FLEET_MIGRATIONS[1]);
    folder = mkdtempSync(join(tmpdir(), "tidegate-fleet-"));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await stores.close();
  });
  beforeEach(async () => {
    turn += 1;
    const topicPrefix = `t${turn}-`;
    at = {
      database: stores.database.url,
      brokers: stores.broker.brokers,
      ledgerDir: join(folder, String(turn)),
      topicPrefix,
    };
    env = { ...stores.env, FLEET_TOPIC_PREFIX: topicPrefix, FLEET_LEDGER_DIR: at.ledgerDir, FLEET_TICK_MS: "20" };
    const bazooka = openBazooka({ ...stores.env, BAZOOKA_TOPICS: topics(topicPrefix) });
    await bazooka.prepare({ reset_db: true, clear_redis: true, migrate: true, create_kafka_topics: true, force: true });
  });

  const topics = (prefix: string): string => `${prefix}to-ender:2,${prefix}to-vulcan:6,${prefix}to-websockets-trades:1`;
  const migrateTo = async (folder: string): Promise<unknown> =>
    openBazooka({ ...stores.env, BAZOOKA_MIGRATIONS_DIR: folder }).prepare({ migrate: true });
  const count = async (table: string): Promise<number> =>
    Number((await queryRows<{ n: bigint }>(stores.pool, `SELECT count(*) AS n FROM ${table}`))[0]?.n ?? -1n);
  const health = async (program: FleetProgram): Promise<Record<string, unknown>> =>
    get(`http://127.0.0.1:${await program.port()}/health`);
  const get = async (url: string): Promise<Record<string, unknown>> => {
    const response = await fetch(url, { headers: { connection: "close" } });
    const retryAfter = response.headers.get("retry-after");
    return { code: response.status, retryAfter, ...((await response.json()) as object) };
  };
  /** The traffic ends first, then what it sent is read to its end. */
  const settle = async (traffic: FleetProgram): Promise<void> => {
    expect(await traffic.stop()).toBe(0);
    await waitUntilConsumed(at, 60_000);
  };
  const writers = (programs: FleetPrograms, release: 1 | 2): FleetProgram[] =>
    (["ender", "roundtable"] as const).map((name) => programs.run(name, { FLEET_RELEASE: String(release) }));

  it(`has every accepted write exactly once, with writers killed again and again under traffic (seed ${seed})`, async () => {
    await using programs = openFleetPrograms(env);
    const traffic = programs.run("traffic", { FLEET_RATE: "300" });
    await traffic.line("traffic is up");
    for (let round = 0; round < 7; round++) {
      const [ender, roundtable] = writers(programs, 1);
      await ender?.line("batch");
      await roundtable?.line("roundtable is up");
      // A random moment is the point here, not a wait for something.
      await delay(random.integer(0, 400));
      await ender?.stop("SIGKILL");
      if (round % 2 === 0) await roundtable?.stop("SIGKILL");
      else expect(await roundtable?.stop()).toBe(0);
    }
    const [ender] = writers(programs, 1);
    await ender?.line("batch");
    // Not a kill of ours, but of its connections.
    await queryRows(
      stores.pool,
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'ender %'",
    );
    await settle(traffic);
    expect(await ender?.stop()).toBe(0);

    const comparison = await compareWithLedger(at);
    expect(comparison.findings).toEqual([]);
    expect(comparison.events.accepted).toBeGreaterThan(500);
    expect(comparison.events.stored).toBeGreaterThanOrEqual(comparison.events.accepted);
    expect(comparison.ticks.accepted).toBeGreaterThan(20);
    expect(comparison.writers.length).toBeGreaterThan(10);
    expect(comparison.versions).toMatchObject([{ version: "release-1", pauseBeforeUs: null }]);
  });

  it("writes each record once with two instances of ender at once", async () => {
    await using programs = openFleetPrograms(env);
    const traffic = programs.run("traffic", { FLEET_RATE: "300" });
    const enders = [programs.run("ender"), programs.run("ender")];
    for (const ender of enders) await ender.line("ender is up");
    await Promise.any(enders.map(async (ender) => ender.line("batch", 10)));
    await settle(traffic);
    for (const ender of enders) expect(await ender.stop()).toBe(0);
    const comparison = await compareWithLedger(at);
    expect(comparison.findings).toEqual([]);
    expect(comparison.events.stored).toBe(comparison.events.sent);
  });

  it("goes on, with the same processes, after the broker was killed and came back", async () => {
    await using programs = openFleetPrograms(env);
    const traffic = programs.run("traffic", { FLEET_RATE: "100" });
    const services = (["ender", "vulcan", "socks"] as const).map((name) => programs.run(name));
    const [ender] = services;
    await Promise.all([ender?.line("batch", 3), services[1]?.line("vulcan is up"), services[2]?.line("socks is up")]);
    await stores.broker.kill();
    await Promise.all([...services, traffic].map(async (one) => one.line("Trying again")));
    await stores.broker.restart();
    const batches = ender?.lines.filter((one) => one.message === "batch").length ?? 0;
    await ender?.line("batch", batches + 5);
    await settle(traffic);
    expect((await compareWithLedger(at)).findings).toEqual([]);
    for (const service of services) expect(await service.stop()).toBe(0);
  });

  it("finds a row that is gone, a row that nobody sent, and a request that was never answered", async () => {
    await using programs = openFleetPrograms(env);
    const comlink = "http://127.0.0.1:1";
    const traffic = programs.run("traffic", {
      FLEET_RATE: "100",
      FLEET_COMLINK_URL: comlink,
      FLEET_READ_LIMIT_MS: "300",
    });
    const [ender, roundtable] = writers(programs, 1);
    await ender?.line("batch", 3);
    await roundtable?.line("roundtable is up");
    const isTold = async () => (((await health(traffic))["reads"] as { failed: number }).failed > 0 ? true : undefined);
    await waitUntil(isTold, { what: "A failed request", limitMs: 10_000, remedy: "-" });
    await settle(traffic);
    await ender?.stop();
    await roundtable?.stop();
    expect((await compareWithLedger(at)).findings.map((one) => one.code)).toEqual(["request-failed"]);
    await queryRows(stores.pool, "DELETE FROM events WHERE id = (SELECT min(id) FROM events)");
    await queryRows(stores.pool, "UPDATE ticks SET id = 'nobody' WHERE id = (SELECT min(id) FROM ticks)");
    await queryRows(stores.pool, "UPDATE consumer_offsets SET next_offset = next_offset - 1 WHERE partition = 0");
    const codes = (await compareWithLedger(at)).findings.map((one) => one.code);
    expect(codes).toEqual(
      expect.arrayContaining(["event-missing", "offset-not-consumed", "tick-missing", "tick-unknown"]),
    );
  });

  it("accounts for what it cannot read and for an id that comes twice, and goes on", async () => {
    const { openSender } = await import("./kafka/open-sender.ts");
    const sender = openSender({ brokers: at.brokers, clientId: "tests" });
    const topic = `${at.topicPrefix ?? ""}to-ender`;
    const event = { id: "one", kind: "trade", pair: "BTC-USD", amount: "1.5", sentAt: new Date().toISOString() };
    const values = [
      "{",
      JSON.stringify(event),
      JSON.stringify(event),
      JSON.stringify({ ...event, id: "two", pair: "BTC" }),
    ];
    await sender.send(values.map((value) => ({ topic, partition: 0, key: "", value })));
    await sender.close();
    await using programs = openFleetPrograms(env);
    const ender = programs.run("ender");
    await ender.line("batch");
    expect(await ender.stop()).toBe(0);
    expect(await queryRows(stores.pool, "SELECT id, kafka_offset, pair FROM events")).toEqual([
      { id: "one", kafka_offset: 1n, pair: "BTC-USD" },
    ]);
    expect(await queryRows(stores.pool, "SELECT kafka_offset, reason FROM skipped_records ORDER BY 1")).toEqual([
      { kafka_offset: 0n, reason: "unreadable" },
      { kafka_offset: 2n, reason: "duplicate" },
      { kafka_offset: 3n, reason: "unreadable" },
    ]);
  });

  it("keeps release 2 from writing before the migration, and release 1 after it, each with 75", async () => {
    await using programs = openFleetPrograms(env);
    const traffic = programs.run("traffic", { FLEET_RATE: "100" });
    await traffic.line("traffic is up");
    for (const early of writers(programs, 2)) {
      expect(await early.ended()).toBe(75);
      expect(early.lines.at(-1)).toMatchObject({ code: "fleet.schema-does-not-fit", level: "error" });
    }
    const [ender, roundtable] = writers(programs, 1);
    await ender?.line("batch", 3);
    await roundtable?.line("roundtable is up");
    // Both still run while the database is migrated: no upgrade does that, and even so neither writes into the new schema.
    await migrateTo(FLEET_MIGRATIONS[2]);
    expect([await ender?.ended(), await roundtable?.ended()]).toEqual([75, 75]);
    const before = { events: await count("events"), ticks: await count("ticks") };
    for (const late of writers(programs, 1)) expect(await late.ended()).toBe(75);
    expect({ events: await count("events"), ticks: await count("ticks") }).toEqual(before);

    const [next, nextTable] = writers(programs, 2);
    await next?.line("batch", 3);
    await nextTable?.line("roundtable is up");
    await settle(traffic);
    expect([await next?.stop(), await nextTable?.stop()]).toEqual([0, 0]);
    const comparison = await compareWithLedger(at);
    expect(comparison.findings).toEqual([]);
    expect(comparison.versions.map((one) => one.version)).toEqual(["release-1", "release-2"]);
    expect(comparison.versions[1]?.pauseBeforeUs).toBeGreaterThan(0n);
    expect(await count("events WHERE base = '' OR quote = ''")).toBe(0);
  });

  it("takes a migration back whole that fails in the middle, and release 1 goes on", async () => {
    await using programs = openFleetPrograms(env);
    const traffic = programs.run("traffic", { FLEET_RATE: "100" });
    const ender = programs.run("ender");
    await ender.line("batch", 3);
    await ender.stop();
    await expect(migrateTo(FLEET_MIGRATIONS.failsHalfway)).rejects.toThrow();
    const again = programs.run("ender");
    await again.line("batch");
    await settle(traffic);
    await again.stop();
    expect((await compareWithLedger(at)).findings).toEqual([]);
    await migrateTo(FLEET_MIGRATIONS[2]);
    expect(await count("events WHERE base || '-' || quote !~ '^[A-Z]+-[A-Z]+$'")).toBe(0);
  });

  it("shows what was written to readers of HTTP, websockets and Redis, and drains on SIGTERM", async () => {
    await using programs = openFleetPrograms(env);
    const [comlink, socks, vulcan, ender] = (["comlink", "socks", "vulcan", "ender"] as const).map((name) =>
      programs.run(name),
    );
    if (comlink === undefined || socks === undefined || vulcan === undefined || ender === undefined)
      throw new Error("unreachable");
    await Promise.all([socks.line("socks is up"), vulcan.line("vulcan is up"), ender.line("ender is up")]);
    const url = `http://127.0.0.1:${await comlink.port()}`;
    const traffic = programs.run("traffic", {
      FLEET_RATE: "200",
      FLEET_COMLINK_URL: url,
      FLEET_SOCKS_URL: `ws://127.0.0.1:${await socks.port()}`,
    });
    const sees = async (): Promise<true | undefined> => {
      const { follows, reads } = (await health(traffic)) as unknown as {
        follows: { trades: number };
        reads: { atOnce: number };
      };
      return follows.trades > 50 && reads.atOnce > 20 ? true : undefined;
    };
    await waitUntil(sees, { what: "Trades and answers", limitMs: 20_000, remedy: "Read the log." });
    expect(await get(`${url}/v1/events?limit=3`)).toMatchObject({ code: 200, release: 1, events: { length: 3 } });
    expect(await get(`${url}/v1/events?limit=0`)).toMatchObject({ code: 400 });
    expect(await get(`${url}/nowhere`)).toMatchObject({ code: 404 });

    // Comlink is put in the place of another, on the same port, under its readers.
    const port = new URL(url).port;
    expect(await comlink.stop()).toBe(0);
    const other = programs.run("comlink", { PORT: port, FLEET_VERSION: "again" });
    await other.line("comlink is up");
    expect(await health(other)).toMatchObject({ code: 200, version: "again", release: 1 });
    await settle(traffic);
    const orders = (await queryRows<{ id: string }>(stores.pool, "SELECT id FROM events WHERE kind = 'order'")).map(
      (row) => row.id,
    );
    const inRedis = async (): Promise<readonly string[]> => redisOrders(stores);
    await waitUntil(async () => ((await inRedis()).length >= orders.length ? true : undefined), {
      what: "Every order in Redis",
      limitMs: 20_000,
      remedy: "Read Vulcan's log.",
    });
    expect((await inRedis()).toSorted()).toEqual(orders.toSorted());
    for (const program of [ender, vulcan, socks, other]) expect(await program.stop()).toBe(0);
    expect((await compareWithLedger(at)).findings).toEqual([]);
  });

  it("answers 503 with retry-after where the schema is another release's", async () => {
    await using programs = openFleetPrograms(env);
    const [one, two] = (["1", "2"] as const).map((FLEET_RELEASE) => programs.run("comlink", { FLEET_RELEASE }));
    const answers = async () =>
      Promise.all(
        [one, two].map(async (program) => {
          const { code, retryAfter } = await get(`http://127.0.0.1:${(await program?.port()) ?? 0}/v1/height`);
          return { code, retryAfter };
        }),
      );
    const [yes, later] = [
      { code: 200, retryAfter: null },
      { code: 503, retryAfter: "1" },
    ];
    expect(await answers()).toEqual([yes, later]);
    await migrateTo(FLEET_MIGRATIONS[2]);
    expect(await answers()).toEqual([later, yes]);
  });

  it("is faulty when it is asked to be", async () => {
    await using programs = openFleetPrograms(env);
    const crashing = programs.run("ender", { FLEET_FAULT: "crash-at-start" });
    expect(await crashing.ended()).toBe(1);
    expect(crashing.lines.at(-1)).toMatchObject({ code: "fleet.crashed-as-asked" });
    const never = programs.run("roundtable", { FLEET_FAULT: "never-healthy" });
    expect(await health(never)).toMatchObject({ code: 503, status: "unhealthy" });
    expect(await never.stop()).toBe(0);
    expect(await count("ticks")).toBe(0);
  });

  it("says with 64 what it was told wrong, and with 75 that a topic is missing", async () => {
    await using programs = openFleetPrograms(env);
    const wrong = programs.run("ender", { FLEET_RELEASE: "3" });
    expect(await wrong.ended()).toBe(64);
    const nowhere = programs.run("ender", { FLEET_TOPIC_PREFIX: "nowhere-" });
    expect(await nowhere.ended()).toBe(75);
    expect(nowhere.lines.at(-1)).toMatchObject({ code: "fleet.topic-missing" });
  });
});

/** The outside look: every order's id, by the keys. */
async function redisOrders(stores: Stores): Promise<readonly string[]> {
  const { withRedis } = await import("@tidegate/redis");
  const keys = await withRedis({ url: stores.redis.url }, async (send) => send(["KEYS", "fleet:order:*"]));
  return (keys as readonly string[]).map((key) => key.slice("fleet:order:".length));
}
