// The process that is measured: sends every open order in stretches, as the operation's steps do, and says how long it took and how large it was.
import { sendInWorker, toTask } from "@tidegate/bazooka/testing/sending";
import { Secret } from "@tidegate/kernel";

/** As BAZOOKA_ORDERS_PER_STEP and KAFKA_MAX_BATCH_WEBSOCKET_MESSAGE_SIZE_BYTES have it by default. */
const STRETCH = 50_000;
const BATCH_BYTES = 900_000;

const [brokers = "", topic = "", encoder = "ours"] = process.argv.slice(2);
const program = encoder === "ours" ? {} : { program: new URL("reference-worker.js", import.meta.url) };
const { signal } = new AbortController();
const begun = performance.now();
for (const kind of ["place", "update"] as const) {
  for (let after: string | null = null; ;) {
    const task = toTask({
      databaseUrl: new Secret(process.env["SENDER_DATABASE"] ?? ""),
      kafka: { brokers: brokers.split(","), clientId: "bench" },
      topic,
      batchBytes: BATCH_BYTES,
      stretch: { kind, after, limit: STRETCH },
    });
    const { next } = await sendInWorker(task, { signal, onSent: () => undefined, ...program });
    if (next === null) break;
    after = next;
  }
}
const ms = performance.now() - begun;
console.log(JSON.stringify({ ms, mb: process.resourceUsage().maxRSS / 1_024 }));
