// Kafka's own command line tools and a bare Redis connection, as outside looks: they share no code with the product.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { resolveJars } from "@tidegate/kafka";

const LIMIT_MS = 120_000;

/** Of one topic, over all its partitions. */
export interface TopicLook {
  readonly partitions: number;
  /** Sum of the first kept offsets. */
  readonly low: number;
  /** Sum of the next offsets. */
  readonly high: number;
}

export interface KafkaTools {
  /** Of every topic that there is, but Kafka's own. */
  readonly topics: () => Promise<ReadonlyMap<string, TopicLook>>;
  /** Each record's first byte of the value, in hex: what kind of message it is. */
  readonly kinds: (topic: string, count: number) => Promise<ReadonlyMap<string, number>>;
  /** Writes one record. */
  readonly write: (topic: string, value: string) => Promise<void>;
}

export async function kafkaTools(brokers: string): Promise<KafkaTools> {
  const classpath = join(await resolveJars(), "*");
  const run = (tool: string, ...args: string[]): string => runWith("", tool, ...args);
  const runWith = (input: string, tool: string, ...args: string[]): string =>
    execFileSync("java", ["-cp", classpath, `org.apache.kafka.tools.${tool}`, "--bootstrap-server", brokers, ...args], {
      encoding: "utf8",
      timeout: LIMIT_MS,
      maxBuffer: 2 ** 28,
      input,
      stdio: ["pipe", "pipe", "ignore"],
    });
  /** topic:partition:offset, a line each. */
  const offsets = (time: string): ReadonlyArray<readonly [topic: string, offset: number]> =>
    run("GetOffsetShell", "--time", time)
      .trim()
      .split("\n")
      .map((line) => line.split(":"))
      .map(([topic = "", , offset]) => [topic, Number(offset)] as const)
      .filter(([topic]) => !topic.startsWith("__"));
  return {
    topics: async () => {
      const looks = new Map<string, TopicLook>();
      const add = (topic: string, more: TopicLook): void => {
        const { partitions, low, high } = looks.get(topic) ?? { partitions: 0, low: 0, high: 0 };
        looks.set(topic, {
          partitions: partitions + more.partitions,
          low: low + more.low,
          high: high + more.high,
        });
      };
      for (const [topic, high] of offsets("latest")) add(topic, { partitions: 1, low: 0, high });
      for (const [topic, low] of offsets("earliest")) add(topic, { partitions: 0, low, high: 0 });
      return looks;
    },
    write: async (topic, value) => void runWith(`${value}\n`, "ConsoleProducer", "--topic", topic),
    kinds: async (topic, count) => {
      const bytes = "value.deserializer=org.apache.kafka.common.serialization.BytesDeserializer";
      const limits = ["--from-beginning", "--max-messages", String(count), "--timeout-ms", "60000"];
      const out = run("consumer.ConsoleConsumer", "--topic", topic, ...limits, "--formatter-property", bytes);
      const kinds = new Map<string, number>();
      for (const line of out.trim().split("\n")) {
        const kind = line.slice(0, 4);
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
      return kinds;
    },
  };
}

/** Sends one command in Redis's inline form and gives the first line of the answer. Source: Redis protocol specification, "Inline commands". */
export async function askRedis(port: number, command: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error("Redis did not answer")));
  await once(socket, "connect");
  socket.write(`${command}\r\n`);
  const [answer] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return answer.toString().split("\r\n")[0] ?? "";
}
