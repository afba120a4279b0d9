// Kafka's own command line tools and a bare Redis connection, as outside looks: they share no code with the product.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { resolveJars } from "@tidegate/kafka";

const LIMIT_MS = 120_000;

export interface KafkaTools {
  /** First kept and next offset of every partition. */
  readonly offsets: (topic: string) => Promise<{ readonly low: number; readonly high: number }>;
  /** Each record's first byte of the value, in hex: what kind of message it is. */
  readonly kinds: (topic: string, count: number) => Promise<ReadonlyMap<string, number>>;
  readonly partitions: (topic: string) => Promise<number>;
}

export async function kafkaTools(brokers: string): Promise<KafkaTools> {
  const classpath = join(await resolveJars(), "*");
  const run = (tool: string, ...args: string[]): string =>
    execFileSync("java", ["-cp", classpath, `org.apache.kafka.tools.${tool}`, "--bootstrap-server", brokers, ...args], {
      encoding: "utf8",
      timeout: LIMIT_MS,
      maxBuffer: 2 ** 28,
      stdio: ["ignore", "pipe", "ignore"],
    });
  const lines = (topic: string, time: string): readonly string[] =>
    run("GetOffsetShell", "--topic", topic, "--time", time).trim().split("\n");
  const sum = (topic: string, time: string): number =>
    lines(topic, time).reduce((total, line) => total + Number(line.split(":")[2] ?? 0), 0);
  return {
    offsets: async (topic) => ({ low: sum(topic, "earliest"), high: sum(topic, "latest") }),
    partitions: async (topic) => lines(topic, "latest").length,
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
