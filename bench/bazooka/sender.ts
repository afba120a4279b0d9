// The process that is measured: the handler as it is deployed, told to send every open order; says how long it took and how large it was.
import { createBazookaHandler } from "@tidegate/bazooka";
import { createLogger } from "@tidegate/kernel";

const LIMIT_MS = 15 * 60_000;

const [brokers = "", topic = ""] = process.argv.slice(2);
const handler = createBazookaHandler({
  // The engine's journal lies in the same database: every stretch is a durable step.
  env: {
    DATABASE_URL: process.env["SENDER_DATABASE"],
    KAFKA_BROKER_URLS: brokers,
    BAZOOKA_VULCAN_TOPIC: topic,
  },
  logger: createLogger({ service: "bench", level: "silent" }),
});
const begun = performance.now();
await handler(
  { send_stateful_orders_to_vulcan: true },
  { awsRequestId: `bench-${process.pid}-${Date.now()}`, getRemainingTimeInMillis: () => LIMIT_MS },
);
const ms = performance.now() - begun;
console.log(JSON.stringify({ ms, mb: process.resourceUsage().maxRSS / 1_024 }));
