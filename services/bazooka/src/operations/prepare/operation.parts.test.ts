// The flow of `prepare`: the order of its steps as they begin, and nothing left open by a handler.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { kafkaOff } from "@tidegate/kafka";
import { createLogger, waitUntil } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { redisOff } from "@tidegate/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createBazookaHandler } from "../../handler.ts";
import { openBazooka, openStores, type Stores } from "../../testing/stores.ts";
import type { BazookaEventJson } from "../../types.ts";

const isOff = kafkaOff() !== undefined || redisOff() !== undefined;

describe.skipIf(isOff)("the flow of prepare (needs Java 17, Maven and Redis)", () => {
  let stores: Stores;
  beforeAll(async () => {
    const all = await openStores(MIGRATIONS_DIR);
    stores = { ...all, env: { ...all.env, BAZOOKA_TOPICS: "to-ender:1,to-vulcan:3" } };
    await openBazooka(stores.env).prepare({ migrate: true });
  });
  afterAll(async () => stores.close());

  const redis = (...args: string[]): string =>
    spawnSync("redis-cli", ["-p", String(stores.redis.port), ...args], { encoding: "utf8" }).stdout.trim();

  /** Steps as they begin and end, those of one kind under one name. */
  const history = async (event: BazookaEventJson): Promise<readonly string[]> => {
    const bazooka = openBazooka(stores.env);
    const seen: string[] = [];
    const kindOf = (step: string): string => step.replace(/-topic-.*/, "-topic").replace(/-\d+$/, "");
    bazooka.engine.onEvent(({ code, step }) => {
      if (step === null || step === "observe") return;
      if (code === "step.started" || code === "step.succeeded") seen.push(`${kindOf(step)} ${code.slice(5)}`);
    });
    await bazooka.prepare(event);
    return seen;
  };
  /** Side by side within a kind; of the kinds, each begins when the one before has ended. */
  const kinds = (seen: readonly string[]): readonly string[] => {
    const order: string[] = [];
    const open = new Map<string, number>();
    for (const line of seen) {
      const [kind = "", what] = line.split(" ");
      if (what === "started") {
        for (const [other, count] of open) if (other !== kind) expect(count, `${kind} began beside ${other}`).toBe(0);
        if (order.at(-1) !== kind) order.push(kind);
      }
      open.set(kind, (open.get(kind) ?? 0) + (what === "started" ? 1 : -1));
    }
    return order;
  };

  it("goes in the order of the document, whatever the order of the event's fields", async () => {
    const all = {
      send_stateful_orders_to_vulcan: true,
      clear_redis: true,
      clear_kafka_topics: true,
      create_kafka_topics: true,
      clear_db: true,
      migrate: true,
      rollback: true,
      force: true,
    };
    const rest = ["create-topic", "mark-topics", "clear-topic", "clear-redis", "send-places", "send-updates"];
    expect(kinds(await history(all))).toEqual(["rollback", "migrate", "clear-db", ...rest]);
    const reset = { ...all, rollback: false, clear_db: false, create_kafka_topics: false, reset_db: true };
    expect(kinds(await history(reset))).toEqual(["reset-db", "migrate", ...rest.slice(1)]);
  });

  it.each([
    ["durable", {}],
    ["volatile", { TIDEGATE_ENGINE: "volatile" }],
  ])("leaves no connection to any store open when a handler returns, with the %s engine", async (_, engine) => {
    const logger = createLogger({ service: "tests", level: "silent" });
    const handler = createBazookaHandler({ env: { ...stores.env, ...engine }, logger });
    const event = {
      migrate: true,
      create_kafka_topics: true,
      clear_kafka_topics: true,
      clear_redis: true,
      send_stateful_orders_to_vulcan: true,
      force: true,
    };
    const answer = await handler(event, { awsRequestId: `open-${_}`, getRemainingTimeInMillis: () => 60_000 });
    expect(answer).toMatchObject({ statusCode: 200 });
    const left = async (): Promise<readonly string[]> => [
      ...(
        await queryRows<{ name: string }>(
          stores.pool,
          "SELECT application_name AS name FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'ground truth'",
        )
      ).map((row) => `PostgreSQL: ${row.name}`),
      ...redis("CLIENT", "LIST")
        .split("\n")
        .filter((line) => !line.includes("cmd=client"))
        .map((line) => `Redis: ${line}`),
      ...socketsTo(Number(stores.broker.brokers[0]?.split(":")[1])),
    ];
    // A server needs a moment to see that a connection was closed; one that stays is still there afterwards.
    const before = performance.now();
    const open = await waitUntil(
      async () => {
        const now = await left();
        return now.length === 0 || performance.now() - before > 5_000 ? now : undefined;
      },
      { what: "Every connection being closed", limitMs: 10_000, remedy: "" },
    );
    expect(open).toEqual([]);
  });
});

/** Established connections to a port of this machine, by the kernel's own table. */
function socketsTo(port: number): readonly string[] {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return ["/proc/net/tcp", "/proc/net/tcp6"]
    .flatMap((path) => readFileSync(path, "utf8").trim().split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , to = "", state]) => to.endsWith(remote) && state === "01")
    .map(([, from = "", to = ""]) => `Kafka: ${from} to ${to}`);
}
