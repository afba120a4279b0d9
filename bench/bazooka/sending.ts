// All open orders of a store to Kafka, in a process of its own: our encoder, and the same path with protobufjs + long in its place.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { migrateToLatest } from "@tidegate/bazooka/testing/orders";
import { generateStore, MIGRATIONS_DIR } from "@tidegate/indexer-store-example";
import { clearTopic, ensureTopic, openAdmin, type KafkaAdmin } from "@tidegate/kafka";
import type { Secret } from "@tidegate/kernel";
import type { Pool } from "@tidegate/postgres";
import { build } from "esbuild";
import { bundleOptions } from "../../scripts/bundle-options.ts";

const TOPIC = "to-vulcan";

export async function fillStore(pool: Pool, url: Secret, orders: number): Promise<void> {
  const { signal } = new AbortController();
  await migrateToLatest({ pool, url, folder: MIGRATIONS_DIR, lockTimeoutMs: 5_000, runId: "bench", signal });
  await generateStore(pool, { orders });
}

export interface SendingSample {
  readonly oursMs: number;
  readonly theirsMs: number;
  readonly oursMb: number;
  readonly theirsMb: number;
}

export async function measureSending(input: {
  readonly databaseUrl: Secret;
  readonly brokers: readonly string[];
  readonly pairs: number;
}): Promise<{ readonly messages: number; readonly samples: readonly SendingSample[] }> {
  const admin = openAdmin({ brokers: input.brokers, clientId: "bench" });
  await bundle();
  try {
    await ensureTopic(admin, { name: TOPIC, partitions: 210, replicas: 1 });
    // The first run fills the caches of both servers.
    const { messages } = await send(input, admin, "ours");
    const samples: SendingSample[] = [];
    for (let pair = 0; pair < input.pairs; pair++) {
      // In turns: whoever is second finds the caches as the first left them.
      const first = pair % 2 === 0 ? ("ours" as const) : ("theirs" as const);
      const one = await send(input, admin, first);
      const other = await send(input, admin, first === "ours" ? "theirs" : "ours");
      const [ours, theirs] = first === "ours" ? [one, other] : [other, one];
      if (ours.messages !== theirs.messages) throw new Error("the two paths did not send the same");
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

async function bundle(): Promise<void> {
  const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
  const services = "../../services/bazooka/src/orders";
  await build({
    ...bundleOptions,
    entryPoints: [
      { in: here("sender.ts"), out: "sender" },
      { in: here("reference-worker.ts"), out: "reference-worker" },
      { in: here(`${services}/worker/main.ts`), out: "orders-worker" },
    ],
    outdir: BUILT,
  });
  cpSync(here(`${services}/testing/indexer.proto`), join(BUILT, "indexer.proto"));
}

interface Sent {
  readonly ms: number;
  /** Greatest resident set of the process, as the kernel counts it. */
  readonly mb: number;
  readonly messages: number;
}

async function send(
  { databaseUrl, brokers }: { readonly databaseUrl: Secret; readonly brokers: readonly string[] },
  admin: KafkaAdmin,
  encoder: "ours" | "theirs",
): Promise<Sent> {
  const program = join(BUILT, "sender.js");
  const env = { ...process.env, SENDER_DATABASE: databaseUrl.reveal() };
  const child = spawn(process.execPath, [program, brokers.join(","), TOPIC, encoder], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const answer = JSON.parse(await text(child.stdout)) as Sent;
  await ended;
  // What is in the topic says how many were sent, not the sender.
  const { records } = await clearTopic(admin, { topic: TOPIC, attempts: 3, retryMs: 200 });
  return { ...answer, messages: Number(records) };
}
