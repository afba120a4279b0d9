// Process `ender`, a writer: every message of `to-ender` into PostgreSQL, exactly once.
import { createLogger, loadSettings, runProgram, type Logger, type Shutdown } from "@tidegate/kernel";
import { createPool } from "@tidegate/postgres";
import { databaseSetting, kafkaSettings, serviceSettings } from "../config.ts";
import { ENDER_TOPIC, TRADES_TOPIC, VULCAN_TOPIC } from "../constants.ts";
import { followTopic } from "../kafka/follow-topic.ts";
import { openReader } from "../kafka/open-reader.ts";
import { openSender } from "../kafka/open-sender.ts";
import { assertSchemaFits } from "../releases/assert-schema-fits.ts";
import { openService } from "../service/open-service.ts";
import { forwardEvents } from "./forward-events.ts";
import { readPositions, storeBatch, type StoreDeps } from "./store-batch.ts";

const AT = "ender";

async function main(logger: Logger, shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings({ ...serviceSettings, ...databaseSetting, ...kafkaSettings }, { env: process.env });
  const { brokers, topicPrefix } = values;
  const seen = { isHealthy: false, stored: 0, skipped: 0 };
  const service = await openService({ name: "ender", values, logger, shutdown, look: () => seen });
  if (service === undefined) return;
  const { release, writer } = service;

  const pool = createPool({ url: values.database, max: 2, applicationName: `ender ${writer.version}` });
  shutdown.onClose("pool", () => pool.end());
  await assertSchemaFits(pool, release);

  const topic = topicPrefix + ENDER_TOPIC;
  const sender = openSender({ brokers, clientId: AT });
  shutdown.onClose("sender", () => sender.close());
  for (const target of [VULCAN_TOPIC, TRADES_TOPIC]) await sender.partitions(topicPrefix + target);
  const reader = openReader({ brokers, clientId: AT }, topic);
  shutdown.onClose("reader", () => reader.close());

  const deps: StoreDeps = {
    pool,
    release,
    writer,
    topic,
    forward: async (events) => forwardEvents({ sender, topicPrefix, writer }, events),
    onStored: ({ stored, skipped }) => {
      seen.stored += stored;
      seen.skipped += skipped;
      if (skipped > 0) service.logger.warn(AT, "skipped", { skipped });
      service.logger.info(AT, "batch", { stored, total: seen.stored });
    },
  };
  const following = followTopic({
    reader,
    store: {
      positions: async () => readPositions(deps),
      store: async (batch, from) => storeBatch(deps, batch, from),
    },
    start: "earliest",
    signal: shutdown.signal,
    logger: service.logger,
    at: AT,
    onRound: (positions) => {
      if (!seen.isHealthy) service.logger.info(AT, "ender is up", { topic, positions: Object.fromEntries(positions) });
      seen.isHealthy = true;
    },
  });
  // Closed first: a stop waits for the batch under way before it takes anything away from it.
  shutdown.onClose("batch", async () => following.catch(() => undefined));
  await following;
}

const logger = createLogger({ service: "ender" });
await runProgram({ logger, at: AT, main: (shutdown) => main(logger, shutdown) });
