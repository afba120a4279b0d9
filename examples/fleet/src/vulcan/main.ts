// Process `vulcan`: the orders of `to-vulcan` into Redis.
import { createLogger, loadSettings, runProgram, type Logger, type Shutdown } from "@tidegate/kernel";
import { kafkaSettings, redisSetting, serviceSettings } from "../config.ts";
import { VULCAN_TOPIC } from "../constants.ts";
import { followTopic } from "../kafka/follow-topic.ts";
import { openReader } from "../kafka/open-reader.ts";
import { openService } from "../service/open-service.ts";
import { openOrderStore } from "./order-store.ts";

const AT = "vulcan";

async function main(logger: Logger, shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings({ ...serviceSettings, ...kafkaSettings, ...redisSetting }, { env: process.env });
  const seen = { isHealthy: false, orders: 0 };
  const service = await openService({ name: "vulcan", values, logger, shutdown, look: () => seen });
  if (service === undefined) return;

  const store = await openOrderStore({
    url: values.redis,
    writer: service.writer,
    now: () => new Date(),
    onStored: (orders) => {
      seen.orders += orders;
      if (orders > 0) service.logger.info(AT, "batch", { orders, total: seen.orders });
    },
  });
  shutdown.onClose("redis", () => store.close());
  const topic = values.topicPrefix + VULCAN_TOPIC;
  const reader = openReader({ brokers: values.brokers, clientId: AT }, topic);
  shutdown.onClose("reader", () => reader.close());
  const following = followTopic({
    reader,
    store,
    start: "earliest",
    signal: shutdown.signal,
    logger: service.logger,
    at: AT,
    onRound: () => {
      if (!seen.isHealthy) service.logger.info(AT, "vulcan is up", { topic });
      seen.isHealthy = true;
    },
  });
  shutdown.onClose("batch", async () => following.catch(() => undefined));
  await following;
}

const logger = createLogger({ service: "vulcan" });
await runProgram({ logger, at: AT, main: (shutdown) => main(logger, shutdown) });
