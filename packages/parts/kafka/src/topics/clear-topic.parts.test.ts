// Against a real broker: what lies below the marks is deleted, whatever comes late, and nothing else.
import { waitUntil } from "@tidegate/kernel";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kafkaOff } from "../embedded/find-java.ts";
import {
  clearTopic,
  ensureTopic,
  openAdmin,
  openProducer,
  recordsIn,
  type KafkaAdmin,
  type KafkaConnection,
} from "../index.ts";
import { javaProgram, startTestBroker, type TestBroker } from "../testing/index.ts";

describe.skipIf(kafkaOff() !== undefined)("clearTopic (needs Java 17 and Maven)", () => {
  let broker: TestBroker;
  let connection: KafkaConnection;
  let admin: KafkaAdmin;
  beforeAll(async () => {
    broker = await startTestBroker();
    connection = { brokers: broker.brokers, clientId: "tests" };
    admin = openAdmin(connection);
  });
  afterAll(async () => {
    await admin.close();
    await broker.stop();
  });

  /** The outside look: Kafka's own tool. High watermarks by partition. */
  const offsets = async (
    topic: string,
    time: "earliest" | "latest" = "latest",
  ): Promise<ReadonlyMap<number, number>> => {
    const out = await javaProgram("org.apache.kafka.tools.GetOffsetShell", [
      "--bootstrap-server",
      broker.brokers[0] ?? "",
      "--topic",
      topic,
      "--time",
      time,
    ]);
    return new Map(
      out
        .trim()
        .split("\n")
        .map((line) => line.split(":"))
        .map(([, partition, offset]) => [Number(partition), Number(offset)] as const),
    );
  };
  const record = (key: string) => ({ key: Buffer.from(key), value: Buffer.from("value") });
  const fill = async (topic: string, count: number): Promise<void> => {
    const producer = await openProducer(connection, topic);
    await producer.send(Array.from({ length: count }, (_, n) => record(String(n))));
    await producer.close();
  };
  const marksOf = async (topic: string) => (await admin.readWatermarks([topic])).get(topic) ?? [];
  const once = { attempts: 1, retryMs: 1 };

  it("deletes the records of all partitions and keeps the topic", async () => {
    await ensureTopic(admin, { name: "full", partitions: 30, replicas: 1 });
    await fill("full", 1_000);
    const marks = await marksOf("full");
    const cleared = { topic: "full", partitions: 30, records: 1_000n, newer: 0n };
    expect(await clearTopic(admin, { topic: "full", marks, ...once })).toMatchObject(cleared);
    expect(await offsets("full", "earliest")).toEqual(await offsets("full", "latest"));
    expect(recordsIn(await marksOf("full"))).toBe(0n);
    // As after a kill: the same marks again.
    expect(await clearTopic(admin, { topic: "full", marks, ...once })).toMatchObject(cleared);
    expect(await clearTopic(admin, { topic: "full", marks: await marksOf("full"), ...once })).toMatchObject({
      records: 0n,
    });
  });

  it("leaves what was written after the marks were read, whoever comes late with them, and tells how much that is", async () => {
    await ensureTopic(admin, { name: "late", partitions: 4, replicas: 1 });
    await fill("late", 200);
    const marks = await marksOf("late");
    expect(await clearTopic(admin, { topic: "late", marks, ...once })).toMatchObject({ newer: 0n });
    await fill("late", 40);
    expect(await clearTopic(admin, { topic: "late", marks, ...once })).toMatchObject({ records: 200n, newer: 40n });
    expect(recordsIn(await marksOf("late"))).toBe(40n);
  });

  it("leaves a topic alone that was made anew since, and partitions that were added", async () => {
    await ensureTopic(admin, { name: "anew", partitions: 1, replicas: 1 });
    await fill("anew", 30);
    const marks = await marksOf("anew");
    const tool = ["--bootstrap-server", broker.brokers[0] ?? "", "--delete", "--topic", "anew"];
    await javaProgram("org.apache.kafka.tools.TopicCommand", tool);
    await waitUntil(async () => ((await admin.describeTopics(["anew"])).size === 0 ? true : undefined), {
      what: "The topic being gone",
      limitMs: 10_000,
      remedy: "",
    });
    await ensureTopic(admin, { name: "anew", partitions: 2, replicas: 1 });
    await fill("anew", 10);
    expect(await clearTopic(admin, { topic: "anew", marks, ...once })).toMatchObject({ partitions: 2, newer: 10n });
    expect(recordsIn(await marksOf("anew"))).toBe(10n);
  });

  it("clears topics side by side", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `side-${index}`);
    for (const name of names) await ensureTopic(admin, { name, partitions: 5, replicas: 1 });
    for (const name of names) await fill(name, 50);
    const marks = await admin.readWatermarks(names);
    const cleared = await Promise.all(
      names.map(async (topic) => clearTopic(admin, { topic, marks: marks.get(topic) ?? [], ...once })),
    );
    expect(cleared.map((one) => [one.records, one.newer])).toEqual(names.map(() => [50n, 0n]));
    expect(recordsIn([...(await admin.readWatermarks(names)).values()].flat())).toBe(0n);
  });

  it("tries again with growing waits, tells each failed try, and gives up", async () => {
    const tries: unknown[] = [];
    const attempt = clearTopic(admin, {
      topic: "nowhere",
      marks: [],
      attempts: 3,
      retryMs: 5,
      onFailedTry: ({ attempt, waitMs, error }) => tries.push([attempt, waitMs, (error as Error).name]),
    });
    await expect(attempt).rejects.toMatchObject({ name: "KafkaTopicMissing" });
    expect(tries).toEqual([
      [1, 10, "KafkaTopicMissing"],
      [2, 20, "KafkaTopicMissing"],
      [3, undefined, "KafkaTopicMissing"],
    ]);
  });

  it("says that a topic is not empty when the cluster says it deleted, and did not", async () => {
    await ensureTopic(admin, { name: "stubborn", partitions: 2, replicas: 1 });
    await fill("stubborn", 20);
    const marks = await marksOf("stubborn");
    // The cluster's part is done, ours is to see that it was.
    const idle: KafkaAdmin = { ...admin, deleteRecords: async () => undefined };
    await expect(clearTopic(idle, { topic: "stubborn", marks, attempts: 2, retryMs: 1 })).rejects.toMatchObject({
      name: "KafkaTopicNotEmpty",
      details: { topic: "stubborn", records: 20n },
    });
  });
});
