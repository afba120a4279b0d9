// Process `socks`: pushes the trades of `to-websockets-trades` to websockets.
import { createLogger, loadSettings, runProgram, type Logger, type Shutdown } from "@tidegate/kernel";
import { kafkaSettings, serviceSettings } from "../config.ts";
import { TRADES_TOPIC } from "../constants.ts";
import { readMessage } from "../ender/read-message.ts";
import { followTopic } from "../kafka/follow-topic.ts";
import { openReader } from "../kafka/open-reader.ts";
import { openService } from "../service/open-service.ts";
import { openBroadcast, type Broadcast } from "./open-broadcast.ts";

const AT = "socks";

async function main(logger: Logger, shutdown: Shutdown): Promise<void> {
  const { values } = loadSettings({ ...serviceSettings, ...kafkaSettings }, { env: process.env });
  const seen = { isHealthy: false, pushed: 0 };
  let broadcast: Broadcast | undefined;
  const look = () => ({ ...seen, clients: broadcast?.clients() ?? 0 });
  const service = await openService({ name: "socks", values, logger, shutdown, look });
  if (service === undefined) return;
  const { writer } = service;
  const sockets = openBroadcast(service.server, { type: "connected", ...writer });
  broadcast = sockets;
  shutdown.onClose("sockets", () => sockets.close());

  const topic = values.topicPrefix + TRADES_TOPIC;
  const reader = openReader({ brokers: values.brokers, clientId: AT }, topic);
  shutdown.onClose("reader", () => reader.close());
  // Who connects wants what is new: positions are kept in memory, and begin at the end.
  const positions = new Map<number, bigint>();
  const following = followTopic({
    reader,
    store: {
      positions: async () => positions,
      store: async ({ partition, records, nextOffset }) => {
        for (const { offset, value } of records) {
          const trade = readMessage(value);
          if (trade === undefined) continue;
          sockets.send({ type: "trade", ...trade, partition, offset: String(offset), pushedBy: writer.version });
          seen.pushed += 1;
        }
        positions.set(partition, nextOffset);
        return nextOffset;
      },
    },
    start: "latest",
    signal: shutdown.signal,
    logger: service.logger,
    at: AT,
    onRound: (reached) => {
      // Also where nothing was read yet: after a failure reading goes on there, and not at the topic's beginning.
      for (const [partition, offset] of reached) positions.set(partition, offset);
      if (!seen.isHealthy) service.logger.info(AT, "socks is up", { topic });
      seen.isHealthy = true;
    },
  });
  shutdown.onClose("batch", async () => following.catch(() => undefined));
  await following;
}

const logger = createLogger({ service: "socks" });
await runProgram({ logger, at: AT, main: (shutdown) => main(logger, shutdown) });
