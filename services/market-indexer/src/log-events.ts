// The indexer's events as log lines: what an operator must see at once is a warning, progress comes at most every five seconds.
import type { Clock, Logger } from "@tidegate/kernel";
import type { IndexerEvent } from "./events.ts";

const PROGRESS_EVERY_MS = 5_000;

/** A listener for `runIndexer`'s onEvent. */
export function createEventLog(deps: {
  readonly logger: Logger;
  readonly clock: Clock;
}): (event: IndexerEvent) => void {
  const { logger, clock } = deps;
  let toldAt = Number.NEGATIVE_INFINITY;
  let deadLetters = 0n;
  const tellDeadLetters = (count: bigint): void => {
    if (count > deadLetters) {
      logger.warn("log-events#tellDeadLetters", "Logs of the market do not decode; they are in dead_letters", {
        deadLetters: count,
      });
    }
    deadLetters = count;
  };
  return (event) => {
    const { code, ...context } = event;
    switch (event.code) {
      case "indexer.progress":
        if (clock.monotonicMs() - toldAt < PROGRESS_EVERY_MS) return;
        toldAt = clock.monotonicMs();
        return logger.info("pipeline#progress", "Progress", context);
      case "indexer.started":
        return logger.info("run-indexer#run", "Indexing", context);
      case "indexer.batch-stored":
        if (event.deadLetters > 0) tellDeadLetters(deadLetters + BigInt(event.deadLetters));
        return logger.debug("pipeline#advance", "Batch stored", {
          ...context,
          events: Object.fromEntries(event.events),
        });
      case "indexer.reorg-undone":
        return logger.warn("settle-reorg#settleReorg", "The chain was reorganised; blocks were undone", context);
      case "indexer.gap-filled":
        return logger.warn("fill-gap#fillGap", "Blocks were missing, and are stored now", context);
      case "indexer.standing":
        return tellDeadLetters(event.deadLetters);
      case "indexer.node-behind":
        // Once a minute or so, not at each look.
        if (event.looks % 20 !== 1) return;
        return logger.warn("pipeline#step", "The endpoint's head is before what is stored; waiting for it", context);
      case "indexer.retrying":
        return logger.warn("pipeline#judgeFailure", "A try failed; trying again", context);
      case "order-stream.order-refused":
        return logger.warn("order-stream#fetchOrders", "An order was refused", context);
      case "migration.applying":
      case "migration.applied":
        return logger.info("migrate#run", event.message, context);
      case "rpc.endpoint-back":
        return logger.info(`rpc#${code}`, "An endpoint works again", context);
      case "rpc.batch-limited":
      case "rpc.range-limited":
        return logger.info(`rpc#${code}`, "An endpoint's limit was found", context);
      case "rpc.retrying":
      case "rpc.endpoint-resting":
        return logger.warn(`rpc#${code}`, "An endpoint failed", context);
      case "postgres.idle-connection-lost":
        return logger.warn("pool#idle", event.message, context);
    }
  };
}
