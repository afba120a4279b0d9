// All open orders of a store to Kafka, by the handler in a process of its own: our encoder, and the same path with protobufjs + long in its place.
import { execFile as execFileWithCallback, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { migrateToLatest } from "@tidegate/bazooka/testing/orders";
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { clearTopic, ensureTopic, openAdmin, type KafkaAdmin } from "@tidegate/kafka";
import { brokerJars } from "@tidegate/kafka/testing";
import type { Secret } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import { build } from "esbuild";
import { bundleOptions } from "../../scripts/bundle-options.ts";

const execFile = promisify(execFileWithCallback);

const TOPIC = "to-vulcan";

export async function fillStore(pool: Pool, url: Secret, orders: number): Promise<void> {
  const { signal } = new AbortController();
  await migrateToLatest({
    pool,
    url,
    folder: MIGRATIONS_DIR,
    lockTimeoutMs: 5_000,
    runId: "bench",
    idempotencyKey: "bench/migrate",
    signal,
  });
  await generateStore(pool, { orders });
}

export interface SendingSample {
  readonly oursMs: number;
  readonly theirsMs: number;
  readonly oursMb: number;
  readonly theirsMb: number;
}

interface Place {
  readonly databaseUrl: Secret;
  readonly brokers: readonly string[];
}

export async function measureSending(
  input: Place & { readonly pairs: number },
): Promise<{ readonly messages: number; readonly samples: readonly SendingSample[] }> {
  const admin = openAdmin({ brokers: input.brokers, clientId: "bench" });
  await bundle();
  try {
    await ensureTopic(admin, { name: TOPIC, partitions: 210, replicas: 1 });
    // The first run of each fills the caches of both servers, and says whether the two send the same.
    const { messages, contents } = await send(input, admin, { encoder: "ours", isRead: true });
    const theirs = await send(input, admin, { encoder: "theirs", isRead: true });
    if (contents !== theirs.contents)
      throw new Error(`the two paths did not send the same: ${contents}, ${theirs.contents}`);
    const samples: SendingSample[] = [];
    for (let pair = 0; pair < input.pairs; pair++) {
      // In turns: whoever is second finds the caches as the first left them.
      const first = pair % 2 === 0 ? ("ours" as const) : ("theirs" as const);
      const one = await send(input, admin, { encoder: first });
      const other = await send(input, admin, { encoder: first === "ours" ? "theirs" : "ours" });
      const [ours, theirs] = first === "ours" ? [one, other] : [other, one];
      if (ours.messages !== messages || theirs.messages !== messages)
        throw new Error(`messages are missing: ${ours.messages}, ${theirs.messages} of ${messages}`);
      samples.push({ oursMs: ours.ms, theirsMs: theirs.ms, oursMb: ours.mb, theirsMb: theirs.mb });
    }
    return { messages, samples };
  } finally {
    await admin.close();
    rmSync(BUILT, { recursive: true, force: true });
  }
}

/** What is measured runs as it is deployed, from a bundle: stripping types takes memory of its own. */
const BUILT = fileURLToPath(new URL("build", import.meta.url));

/** As the README of Bazooka says for a function. */
const NODE_OPTIONS = "--max-semi-space-size=8";

type Encoder = "ours" | "theirs";

/** Two builds of the same handler; beside one lies our sending thread, beside the other the reference's under its name. */
async function bundle(): Promise<void> {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const orders = "../../services/bazooka/src/orders";
  const buildWith = async (encoder: Encoder, worker: string): Promise<void> => {
    const entryPoints = [
      { in: here("sender.ts"), out: "sender" },
      { in: here(worker), out: "orders-worker" },
    ];
    await build({ ...bundleOptions, entryPoints, outdir: join(BUILT, encoder) });
    cpSync(here("../../packages/engine/src/migrations"), join(BUILT, encoder, "engine-migrations"), {
      recursive: true,
    });
  };
  await buildWith("ours", `${orders}/worker/main.ts`);
  await buildWith("theirs", "reference-worker.ts");
  cpSync(here(`${orders}/testing/indexer.proto`), join(BUILT, "theirs", "indexer.proto"));
}

interface Sent {
  readonly ms: number;
  /** Greatest resident set of the process, as the kernel counts it: the engine, the handler and its thread. */
  readonly mb: number;
  readonly messages: number;
  /** Number and digest of what is in the topic; empty when it was not read. */
  readonly contents: string;
}

async function send(
  { databaseUrl, brokers }: Place,
  admin: KafkaAdmin,
  { encoder, isRead = false }: { readonly encoder: Encoder; readonly isRead?: boolean },
): Promise<Sent> {
  const program = join(BUILT, encoder, "sender.js");
  const env = { ...process.env, SENDER_DATABASE: databaseUrl.reveal(), NODE_OPTIONS };
  const child = spawn(process.execPath, [program, brokers.join(","), TOPIC], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const answer = JSON.parse(await text(child.stdout)) as Pick<Sent, "ms" | "mb">;
  await ended;
  const contents = isRead ? await digest(brokers) : "";
  // What is in the topic says how many were sent, not the sender.
  const marks = (await admin.readWatermarks([TOPIC])).get(TOPIC) ?? [];
  const { records } = await clearTopic(admin, { topic: TOPIC, marks, attempts: 3, retryMs: 200 });
  return { ...answer, contents, messages: Number(records) };
}

/** Partitions, keys, values and kinds of all records, by Kafka's own consumer. */
async function digest(brokers: readonly string[]): Promise<string> {
  const source = fileURLToPath(new URL("DigestTopic.java", import.meta.url));
  const classpath = join(await brokerJars(), "*");
  const { stdout } = await execFile("java", ["-cp", classpath, source, brokers.join(","), TOPIC], { timeout: 300_000 });
  return stdout.trim();
}
