// One stretch of the open stateful orders to Vulcan; sent again after a kill, which Vulcan takes as what it knows already.
import type { StepContext } from "@tidegate/engine";
import type { SentStretch, Stretch } from "../../../orders/send-orders.ts";
import type { SendingThread } from "../../../orders/worker/sending-thread.ts";

export async function sendStretch(thread: SendingThread, step: StepContext, stretch: Stretch): Promise<SentStretch> {
  return thread.send(stretch, {
    signal: step.signal,
    onSent: (done) => step.progress({ done, total: stretch.limit, unit: "orders" }),
  });
}
