// One stretch of the open stateful orders to Vulcan; sent again after a kill, which Vulcan takes as what it knows already.
import type { StepContext } from "@tidegate/engine";
import type { BazookaConfig } from "../../../config.ts";
import type { SentStretch, Stretch } from "../../../orders/send-orders.ts";
import { toTask } from "../../../orders/worker/messages.ts";
import { sendInWorker } from "../../../orders/worker/send-in-worker.ts";
import { requireDatabase, requireKafka } from "../../../stores.ts";

export async function sendStretch(config: BazookaConfig, step: StepContext, stretch: Stretch): Promise<SentStretch> {
  const task = toTask({
    databaseUrl: requireDatabase(config),
    kafka: requireKafka(config),
    runId: step.runId,
    topic: config.vulcanTopic,
    batchBytes: config.batchBytes,
    stretch,
  });
  return sendInWorker(task, {
    signal: step.signal,
    onSent: (done) => step.progress({ done, total: stretch.limit, unit: "orders" }),
  });
}
