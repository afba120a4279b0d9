// Topics cleared by `prepare` beside writers, and where the cluster refuses: what is deleted, what is tried again, and what the log says of it.
import { kafkaOff, openAdmin, openProducer, recordsIn } from "@tidegate/kafka";
import { javaProgram } from "@tidegate/kafka/testing";
import { createLogger, type Logger } from "@tidegate/kernel";
import { redisOff } from "@tidegate/redis";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { openBazooka, openStores, type Stores } from "../testing/stores.ts";

const isOff = kafkaOff() !== undefined || redisOff() !== undefined;
const CLEAR = { clear_kafka_topics: true, force: true };

describe.skipIf(isOff)("topics that are cleared (needs Java 17, Maven and Redis)", () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(MIGRATIONS_DIR);
  });
  afterAll(async () => stores.close());

  const connection = () => ({ brokers: stores.broker.brokers, clientId: "tests" });
  const create = async (name: string, ...more: string[]): Promise<void> => {
    const bootstrap = ["--bootstrap-server", stores.broker.brokers[0] ?? ""];
    const topic = ["--create", "--topic", name, "--partitions", "1", "--replication-factor", "1"];
    await javaProgram("org.apache.kafka.tools.TopicCommand", [...bootstrap, ...topic, ...more]);
  };
  const write = async (topic: string, count: number): Promise<void> => {
    const producer = await openProducer(connection(), topic);
    const one = (n: number) => ({ key: Buffer.from(String(n)), value: Buffer.from("x") });
    await producer.send(Array.from({ length: count }, (_, n) => one(n)));
    await producer.close();
  };
  const recordsOf = async (topic: string): Promise<bigint> => {
    const admin = openAdmin(connection());
    try {
      return recordsIn((await admin.readWatermarks([topic])).get(topic) ?? []);
    } finally {
      await admin.close();
    }
  };
  const listening = (): { readonly logger: Logger; readonly lines: ReadonlyArray<Record<string, unknown>> } => {
    const lines: Array<Record<string, unknown>> = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
    return { logger: createLogger({ service: "bazooka", destination }), lines };
  };
  const told = (lines: ReadonlyArray<Record<string, unknown>>) =>
    lines.filter((line) => line["at"] === "change-topics.ts#clearOneTopic");

  /** Writes on and on, until it is told to stop. */
  const writer = (topic: string) => {
    const stopping = new AbortController();
    const work = async (): Promise<void> => {
      const producer = await openProducer(connection(), topic);
      for (let n = 0; !stopping.signal.aborted; n++)
        await producer.send([{ key: Buffer.from(String(n)), value: Buffer.from("late") }]);
      await producer.close();
    };
    const ended = work();
    return {
      stop: async () => {
        stopping.abort();
        await ended;
      },
    };
  };

  it("that the cluster keeps are tried again as often as configured; topic, attempt, topicMetadata and the error are logged", async () => {
    await create("compacted", "--config", "cleanup.policy=compact");
    await write("compacted", 3);
    const { logger, lines } = listening();
    const env = { ...stores.env, BAZOOKA_TOPICS: "compacted:1", CLEAR_KAFKA_TOPIC_RETRY_MS: "5" };
    const outcome = await openBazooka(env, logger).run(CLEAR);
    expect(outcome).toMatchObject({ state: "failed", error: { code: "kafka.refused" } });
    const common = {
      at: "change-topics.ts#clearOneTopic",
      topic: "compacted",
      topicMetadata: [{ partition: 0, low: "0", high: "3" }],
      error: { message: expect.stringContaining("POLICY_VIOLATION") as string, stack: expect.any(String) as string },
    };
    expect(told(lines)).toMatchObject([
      { ...common, level: "warn", attempt: 1, waitMs: 10 },
      { ...common, level: "warn", attempt: 2, waitMs: 20 },
      { ...common, level: "error", attempt: 3, waitMs: null },
    ]);
  });

  it("that a writer filled meanwhile are cleared again, until it has stopped", async () => {
    await create("stopping");
    await write("stopping", 100);
    const { logger, lines } = listening();
    const env = { ...stores.env, BAZOOKA_TOPICS: "stopping:1", CLEAR_KAFKA_TOPIC_RETRY_MS: "1000" };
    const bazooka = openBazooka(env, logger);
    const busy = writer("stopping");
    let stopped: Promise<void> | undefined;
    bazooka.engine.onEvent(({ code, step }) => {
      if (code === "wait.started" && step === "clear-again-2") stopped ??= busy.stop();
    });
    const { clearedRecords } = await bazooka.prepare(CLEAR);
    expect(stopped).toBeDefined();
    await stopped;
    expect(clearedRecords).toBeGreaterThan(100n);
    expect(await recordsOf("stopping")).toBe(0n);
    expect(told(lines)).toMatchObject([{ level: "warn", topic: "stopping", attempt: 1, waitMs: 2_000 }]);
  });

  it("that a writer fills on and on end the run, after the tries, with what is in them", async () => {
    await create("busy");
    await create("quiet");
    await write("busy", 10);
    await write("quiet", 10);
    const { logger, lines } = listening();
    const env = { ...stores.env, BAZOOKA_TOPICS: "busy:1,quiet:1", CLEAR_KAFKA_TOPIC_RETRY_MS: "50" };
    const busy = writer("busy");
    try {
      const outcome = await openBazooka(env, logger).run(CLEAR);
      expect(outcome).toMatchObject({
        state: "failed",
        error: { name: "KafkaTopicNotEmpty", details: { topic: "busy" }, retry: "later" },
      });
    } finally {
      await busy.stop();
    }
    expect(await recordsOf("quiet")).toBe(0n);
    expect(told(lines).map((line) => [line["level"], line["attempt"]])).toEqual([
      ["warn", 1],
      ["warn", 2],
      ["error", 3],
    ]);
  });
});
