// Against a real broker: topics created, grown, never shrunk; records written where Java's client writes them, and cleared.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { kafkaOff } from "./embedded/find-java.ts";
import {
  clearTopic,
  ensureTopic,
  kafkaHeaders,
  openAdmin,
  openProducer,
  recordsIn,
  type KafkaAdmin,
  type KafkaConnection,
} from "./index.ts";
import { javaProgram, startTestBroker, type TestBroker } from "./testing/index.ts";

describe.skipIf(kafkaOff() !== undefined)("a Kafka cluster (needs Java 17 and Maven)", () => {
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
  const record = (key: string, value = "value") => ({ key: Buffer.from(key), value: Buffer.from(value) });

  describe("ensureTopic", () => {
    it("creates a topic on an empty cluster, with all its partitions", async () => {
      expect(await ensureTopic(admin, { name: "empty-cluster", partitions: 210, replicas: 1 })).toEqual({
        did: "created",
        partitions: 210,
      });
      expect((await offsets("empty-cluster")).size).toBe(210);
    });

    it("adds partitions, changes nothing the second time, and never takes any away", async () => {
      await ensureTopic(admin, { name: "growing", partitions: 2, replicas: 1 });
      const wanted = { name: "growing", partitions: 5, replicas: 1 };
      expect(await ensureTopic(admin, wanted)).toEqual({ did: "grown", partitions: 5, from: 2 });
      expect(await ensureTopic(admin, wanted)).toEqual({ did: "nothing", partitions: 5 });
      expect(await ensureTopic(admin, { ...wanted, partitions: 3 })).toEqual({ did: "left-larger", partitions: 5 });
      expect((await offsets("growing")).size).toBe(5);
    });

    it("agrees with others who create the same topic at the same moment", async () => {
      const wanted = { name: "racing", partitions: 4, replicas: 1 };
      // Clients of their own: one client asks only once when it is asked the same at the same moment.
      const others = Array.from({ length: 8 }, () => openAdmin(connection));
      const did = await Promise.all(others.map(async (other) => ensureTopic(other, wanted)));
      await Promise.all(others.map(async (other) => other.close()));
      expect(did.every((one) => one.partitions === 4)).toBe(true);
      expect(did.filter((one) => one.did === "created")).toHaveLength(1);
    });

    it("refuses more replicas than brokers, in the cluster's words", async () => {
      await expect(ensureTopic(admin, { name: "wide", partitions: 1, replicas: 3 })).rejects.toMatchObject({
        name: "KafkaRefused",
        details: { error: "INVALID_REPLICATION_FACTOR" },
      });
    });
  });

  describe("a producer", () => {
    it("puts a key where Java's client puts it, also one whose hash has the sign bit", async () => {
      await ensureTopic(admin, { name: "keyed", partitions: 7, replicas: 1 });
      const keys = Array.from({ length: 200 }, (_, index) => `key-${index}`);
      const producer = await openProducer(connection, "keyed");
      await producer.send(keys.map((key) => record(key)));
      await producer.close();
      const out = await javaProgram("org.apache.kafka.tools.consumer.ConsoleConsumer", [
        "--bootstrap-server",
        broker.brokers[0] ?? "",
        "--topic",
        "keyed",
        "--from-beginning",
        "--max-messages",
        "200",
        "--timeout-ms",
        "20000",
        "--formatter-property",
        "print.key=true",
        "--formatter-property",
        "print.partition=true",
      ]);
      const lines = out.trim().split("\n");
      expect(lines).toHaveLength(200);
      for (const line of lines) {
        const [partition, key = ""] = line.split("\t");
        expect(partition, key).toBe(`Partition:${javaPartition(Buffer.from(key), 7)}`);
      }
    });

    it("keeps the order of one key within a batch and over batches, with its headers", async () => {
      await ensureTopic(admin, { name: "ordered", partitions: 3, replicas: 1 });
      const producer = await openProducer(connection, "ordered");
      const headers = kafkaHeaders({ event_type: "Test" });
      for (let batch = 0; batch < 5; batch++)
        await producer.send(
          Array.from({ length: 100 }, (_, n) => ({ ...record("one", String(batch * 100 + n)), headers })),
        );
      await producer.close();
      const out = await javaProgram("org.apache.kafka.tools.consumer.ConsoleConsumer", [
        "--bootstrap-server",
        broker.brokers[0] ?? "",
        "--topic",
        "ordered",
        "--from-beginning",
        "--max-messages",
        "500",
        "--timeout-ms",
        "20000",
        "--formatter-property",
        "print.headers=true",
      ]);
      const lines = out.trim().split("\n");
      expect(lines).toEqual(Array.from({ length: 500 }, (_, n) => `event_type:Test\t${n}`));
    });

    it("refuses a topic that is not there, at once", async () => {
      await expect(openProducer(connection, "nowhere")).rejects.toMatchObject({ name: "KafkaTopicMissing" });
    });
  });

  it("says within seconds that nobody answers", async () => {
    const nobody = openAdmin({ brokers: ["127.0.0.1:1"], clientId: "tests", connectTimeoutMs: 500 });
    const begun = performance.now();
    await expect(nobody.describeCluster()).rejects.toMatchObject({ name: "KafkaUnreachable", retry: "later" });
    expect(performance.now() - begun).toBeLessThan(10_000);
    await nobody.close();
  });

  it("has its topics and records again after kill -9", async () => {
    await ensureTopic(admin, { name: "lasting", partitions: 3, replicas: 1 });
    const producer = await openProducer(connection, "lasting");
    await producer.send(Array.from({ length: 10 }, (_, n) => record(String(n))));
    await producer.close();
    await broker.kill();
    await broker.restart();
    const again = openAdmin(connection);
    expect(recordsIn((await again.readWatermarks(["lasting"])).get("lasting") ?? [])).toBe(10n);
    await again.close();
  });
});

describe.skipIf(kafkaOff() !== undefined)("a login (needs Java 17 and Maven)", () => {
  it("is made with SASL, and refused with the wrong password", async () => {
    const { Secret } = await import("@tidegate/kernel");
    const jaas = `org.apache.kafka.common.security.plain.PlainLoginModule required username="admin" password="right" user_admin="right";`;
    const broker = await startTestBroker({
      isReady: "port",
      extra: {
        "listener.security.protocol.map": "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "listener.name.plaintext.plain.sasl.jaas.config": jaas,
      },
    });
    const connect = (password: string) =>
      openAdmin({
        brokers: broker.brokers,
        clientId: "tests",
        login: { mechanism: "PLAIN", username: "admin", password: new Secret(password) },
      });
    const right = connect("right");
    const wrong = connect("wrong");
    try {
      expect((await right.describeCluster()).brokers).toEqual(broker.brokers);
      const error: unknown = await wrong.describeCluster().catch((refused: unknown) => refused);
      expect(error).toMatchObject({ name: "KafkaLoginRefused" });
      expect(String(error)).not.toContain("wrong");
    } finally {
      await right.close();
      await wrong.close();
      await broker.stop();
    }
  });
});

describe.skipIf(kafkaOff() !== undefined)("three brokers (needs Java 17 and Maven)", () => {
  it("hold three replicas of a topic", async () => {
    const { startTestCluster } = await import("./testing/index.ts");
    const cluster = await startTestCluster({ nodes: 3 });
    const admin = openAdmin({ brokers: cluster.brokers, clientId: "tests" });
    try {
      expect((await admin.describeCluster()).brokers).toHaveLength(3);
      await ensureTopic(admin, { name: "replicated", partitions: 6, replicas: 3 });
      expect((await admin.describeTopics(["replicated"])).get("replicated")).toMatchObject({
        partitions: 6,
        replicas: 3,
      });
      const producer = await openProducer({ brokers: cluster.brokers, clientId: "tests" }, "replicated");
      await producer.send(
        Array.from({ length: 60 }, (_, n) => ({ key: Buffer.from(String(n)), value: Buffer.from("x") })),
      );
      await producer.close();
      const marks = (await admin.readWatermarks(["replicated"])).get("replicated") ?? [];
      expect(await clearTopic(admin, { topic: "replicated", marks, attempts: 3, retryMs: 100 })).toMatchObject({
        records: 60n,
        newer: 0n,
      });
    } finally {
      await admin.close();
      await cluster.stop();
    }
  });
});

/** murmur2 as Kafka's Java client has it, written from its definition (Austin Appleby, MurmurHash2; seed 0x9747b28c), with BigInt. */
function javaPartition(key: Buffer, partitions: number): number {
  const m = 0x5bd1e995n;
  const mask = 0xffff_ffffn;
  let h = (0x9747b28cn ^ BigInt(key.length)) & mask;
  let at = 0;
  for (; at + 4 <= key.length; at += 4) {
    let k = (BigInt(key.readUInt32LE(at)) * m) & mask;
    k ^= k >> 24n;
    h = ((h * m) & mask) ^ ((k * m) & mask);
  }
  const rest = key.length - at;
  if (rest >= 3) h ^= BigInt(key[at + 2] ?? 0) << 16n;
  if (rest >= 2) h ^= BigInt(key[at + 1] ?? 0) << 8n;
  if (rest >= 1) h = ((h ^ BigInt(key[at] ?? 0)) * m) & mask;
  h ^= h >> 13n;
  h = (h * m) & mask;
  h ^= h >> 15n;
  return Number((h & 0x7fff_ffffn) % BigInt(partitions));
}
