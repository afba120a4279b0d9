// The eight topics of the document, a million records in them: cleared by us, and by Kafka's own Java admin client in a running JVM.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { clearOneTopic, loadConfig, markTopics, withAdmin } from "@tidegate/bazooka/testing/orders";
import { ensureTopic, openAdmin, openProducer, type KafkaAdmin, type KafkaConnection } from "@tidegate/kafka";
import { brokerJars } from "@tidegate/kafka/testing";
import { createLogger } from "@tidegate/kernel";

const TOPICS: ReadonlyArray<readonly [string, number]> = [
  ["to-ender", 1],
  ["to-vulcan", 210],
  ["to-websockets-orderbooks", 1],
  ["to-websockets-subaccounts", 3],
  ["to-websockets-trades", 1],
  ["to-websockets-markets", 1],
  ["to-websockets-candles", 1],
  ["to-websockets-block-height", 1],
];
const BATCH = 5_000;

export interface ClearingSample {
  readonly oursMs: number;
  readonly javaMs: number;
}

export async function measureClearing({
  brokers,
  records,
  pairs,
}: {
  readonly brokers: readonly string[];
  readonly records: number;
  readonly pairs: number;
}): Promise<{
  readonly partitions: number;
  readonly samples: readonly ClearingSample[];
}> {
  const connection = { brokers, clientId: "bench" };
  const admin = openAdmin(connection);
  const java = await startJava(brokers);
  try {
    for (const [name, partitions] of TOPICS) await ensureTopic(admin, { name, partitions, replicas: 1 });
    const samples: ClearingSample[] = [];
    // The first pair warms both up: the JVM compiles, connections are opened.
    for (let pair = 0; pair <= pairs; pair++) {
      const ours = async (): Promise<number> => timed(connection, admin, records, async () => clearAll(brokers));
      const theirs = async (): Promise<number> => timed(connection, admin, records, java.clear);
      const first = pair % 2 === 0 ? await ours() : await theirs();
      const second = pair % 2 === 0 ? await theirs() : await ours();
      const [oursMs, javaMs] = pair % 2 === 0 ? [first, second] : [second, first];
      if (pair > 0) samples.push({ oursMs, javaMs });
    }
    return { partitions: TOPICS.reduce((sum, [, partitions]) => sum + partitions, 0), samples };
  } finally {
    java.stop();
    await admin.close();
  }
}

/** The operation's own steps, with a new client: what is there is marked, then every topic is cleared by itself, side by side, and verified. */
async function clearAll(brokers: readonly string[]): Promise<number> {
  const config = loadConfig({ KAFKA_BROKER_URLS: brokers.join(","), CLEAR_KAFKA_TOPIC_MAX_RETRIES: "1" }, "/nowhere");
  const deps = { config, logger: createLogger({ service: "bench", level: "silent" }) };
  const step = { signal: new AbortController().signal, progress: () => undefined };
  const begun = performance.now();
  await withAdmin(config, async (admin) => {
    const marked = await markTopics(
      admin,
      TOPICS.map(([name]) => name),
    );
    await Promise.all(marked.map(async (topic) => clearOneTopic({ ...deps, admin }, step, topic)));
  });
  return performance.now() - begun;
}

async function timed(
  connection: KafkaConnection,
  admin: KafkaAdmin,
  records: number,
  clear: () => Promise<number>,
): Promise<number> {
  await fill(connection, records);
  const ms = await clear();
  const left = [...(await admin.readWatermarks(TOPICS.map(([name]) => name))).values()].flat();
  if (left.some(({ low, high }) => low !== high)) throw new Error("the topics are not empty");
  return ms;
}

/** Spread over the topics by their partitions. */
async function fill(connection: KafkaConnection, records: number): Promise<void> {
  const all = TOPICS.reduce((sum, [, partitions]) => sum + partitions, 0);
  const value = Buffer.alloc(100, 1);
  for (const [topic, partitions] of TOPICS) {
    const producer = await openProducer(connection, topic);
    const wanted = Math.round((records * partitions) / all);
    for (let done = 0; done < wanted; done += BATCH) {
      const count = Math.min(BATCH, wanted - done);
      await producer.send(Array.from({ length: count }, (_, n) => ({ key: Buffer.from(String(done + n)), value })));
    }
    await producer.close();
  }
}

/** The program waits for a line, clears, and answers with milliseconds. */
async function startJava(
  brokers: readonly string[],
): Promise<{ readonly clear: () => Promise<number>; readonly stop: () => void }> {
  const source = new URL("ClearTopics.java", import.meta.url).pathname;
  const classpath = join(await brokerJars(), "*");
  const names = TOPICS.map(([name]) => name).join(",");
  const child = spawn("java", ["-cp", classpath, source, brokers.join(","), names], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const lines = createInterface({ input: child.stdout });
  const next = async (): Promise<string> =>
    ((await once(lines, "line", { signal: AbortSignal.timeout(120_000) })) as [string])[0];
  await next();
  return {
    clear: async () => {
      child.stdin.write("clear\n");
      return Number(await next());
    },
    stop: () => child.stdin.end(),
  };
}
