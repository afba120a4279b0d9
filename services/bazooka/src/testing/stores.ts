// Real stores for tests: a database, a broker and a Redis of their own, and `prepare` on them.
import { createVolatileEngine, type Engine, type Plan, type RunOutcome } from "@tidegate/engine";
import { createLogger, type Logger } from "@tidegate/kernel";
import { javaProgram, startTestBroker, type TestBroker } from "@tidegate/kafka/testing";
import { createPool, type Pool } from "@tidegate/postgres";
import { createTestDatabase, type TestDatabase } from "@tidegate/postgres/testing";
import { startTestServer, type TestRedis } from "@tidegate/redis/testing";
import { loadConfig } from "../config.ts";
import { createPrepare } from "../operations/prepare/operation.ts";
import { createUnlock } from "../operations/unlock/operation.ts";
import type { BazookaEventJson, PrepareResult } from "../types.ts";

export interface Stores {
  readonly database: TestDatabase;
  /** The outside look at the database. */
  readonly pool: Pool;
  readonly broker: TestBroker;
  readonly redis: TestRedis;
  /** What Bazooka is told, as variables. */
  readonly env: Readonly<Record<string, string>>;
  readonly close: () => Promise<void>;
}

export async function openStores(migrationsDir: string): Promise<Stores> {
  const [database, broker, redis] = await Promise.all([createTestDatabase(), startTestBroker(), startTestServer()]);
  const pool = createPool({ url: database.url, applicationName: "ground truth", max: 2 });
  return {
    database,
    pool,
    broker,
    redis,
    env: {
      DATABASE_URL: database.url.reveal(),
      KAFKA_BROKER_URLS: broker.brokers.join(","),
      REDIS_URL: redis.url.reveal(),
      BAZOOKA_MIGRATIONS_DIR: migrationsDir,
      CLEAR_KAFKA_TOPIC_RETRY_MS: "50",
    },
    close: async () => {
      await pool.end();
      await Promise.all([database.drop(), broker.stop(), redis.stop()]);
    },
  };
}

export interface Bazooka {
  readonly engine: Engine;
  readonly plan: (event: BazookaEventJson) => Promise<Plan>;
  /** Runs it to its end; what fails comes back as the outcome. */
  readonly run: (event: BazookaEventJson) => Promise<RunOutcome>;
  /** The same, and it must succeed. */
  readonly prepare: (event: BazookaEventJson) => Promise<PrepareResult>;
}

const LIMIT_MS = 60_000;

export function openBazooka(
  env: Readonly<Record<string, string>>,
  logger: Logger = createLogger({ service: "tests", level: "silent" }),
): Bazooka {
  const config = loadConfig(env, "/nowhere");
  const engine = createVolatileEngine({ operations: [createPrepare({ config, logger }), createUnlock({ config })] });
  const plan = async (event: BazookaEventJson): Promise<Plan> => engine.plan("prepare", event, { by: "tests" });
  const run = async (event: BazookaEventJson): Promise<RunOutcome> => {
    const { draft } = await plan(event);
    const { runId } = await engine.start("prepare", event, { by: "tests", confirm: draft.target });
    const outcome = await engine.wait(runId, { timeoutMs: LIMIT_MS });
    if (outcome === "unfinished") throw new Error(`${runId} did not end within ${LIMIT_MS} ms`);
    return outcome;
  };
  return {
    engine,
    plan,
    run,
    prepare: async (event) => {
      const outcome = await run(event);
      if (outcome.state !== "succeeded") throw new Error(`prepare ${outcome.state}`, { cause: outcome });
      return outcome.result as PrepareResult;
    },
  };
}

export interface SeenRecord {
  readonly partition: number;
  readonly headers: string;
  /** Hex. */
  readonly key: string;
  readonly value: string;
}

/** Everything in a topic, read with Kafka's own console consumer, each partition in its order. */
export async function readTopic(stores: Stores, topic: string): Promise<readonly SeenRecord[]> {
  const bootstrap = ["--bootstrap-server", stores.broker.brokers[0] ?? "", "--topic", topic];
  const offsets = async (time: string): Promise<number> => {
    const out = await javaProgram("org.apache.kafka.tools.GetOffsetShell", [...bootstrap, "--time", time]);
    return out
      .trim()
      .split("\n")
      .reduce((sum, line) => sum + Number(line.split(":")[2] ?? 0), 0);
  };
  const count = (await offsets("latest")) - (await offsets("earliest"));
  if (count === 0) return [];
  const bytes = "org.apache.kafka.common.serialization.BytesDeserializer";
  const out = await javaProgram("org.apache.kafka.tools.consumer.ConsoleConsumer", [
    ...bootstrap,
    "--from-beginning",
    "--max-messages",
    String(count),
    "--timeout-ms",
    "30000",
    ...[
      "print.key=true",
      "print.partition=true",
      "print.headers=true",
      `key.deserializer=${bytes}`,
      `value.deserializer=${bytes}`,
    ].flatMap((property) => ["--formatter-property", property]),
  ]);
  return out
    .trim()
    .split("\n")
    .map((line) => line.split("\t"))
    .map(([partition = "", headers = "", key = "", value = ""]) => ({
      partition: Number(partition.replace("Partition:", "")),
      headers,
      key: unescaped(key),
      value: unescaped(value),
    }));
}

/** Kafka's Bytes prints printable ASCII as it is, and the rest as \xHH. */
function unescaped(text: string): string {
  let hex = "";
  for (let at = 0; at < text.length;) {
    const escape = /^\\x([0-9A-Fa-f]{2})/.exec(text.slice(at, at + 4))?.[1];
    if (escape === undefined) {
      hex += text.charCodeAt(at).toString(16).padStart(2, "0");
      at += 1;
    } else {
      hex += escape.toLowerCase();
      at += 4;
    }
  }
  return hex;
}
