// All open stateful orders, stretch by stretch, each a durable step: first every place, then the filled amounts.
import type { RunContext } from "@tidegate/engine";
import type { BazookaConfig } from "../../config.ts";
import { LISTED_ORDERS, OrdersNotSent } from "../../errors.ts";
import type { OrderProblem } from "../../orders/order-problem.ts";
import type { MessageKind } from "../../orders/to-record.ts";
import type { SentStretch, Stretch, Unrecorded } from "../../orders/send-orders.ts";
import { toSettings } from "../../orders/worker/messages.ts";
import { createSendingThread, type SendingThread } from "../../orders/worker/sending-thread.ts";
import { requireDatabase, requireKafka } from "../../stores.ts";
import { sendStretch } from "./steps/send-stateful-orders.ts";

const OPTIONS = { timeoutMs: 30 * 60_000, retry: { attempts: 4, baseMs: 500, maxMs: 5_000 } };

interface Sent {
  readonly sent: number;
  readonly problems: readonly OrderProblem[];
  readonly problemCount: number;
  readonly unrecorded: Unrecorded | null;
}

/** Throws OrdersNotSent at the end, when all the others were sent. */
export async function sendAllOrders(
  config: BazookaConfig,
  context: RunContext,
): Promise<{ readonly places: number; readonly updates: number }> {
  const thread = createSendingThread(
    toSettings({
      databaseUrl: requireDatabase(config),
      kafka: requireKafka(config),
      runId: context.runId,
      topic: config.vulcanTopic,
      batchBytes: config.batchBytes,
    }),
  );
  try {
    return await sendBothKinds(thread, config.ordersPerStep, context);
  } finally {
    await thread.close();
  }
}

async function sendBothKinds(
  thread: SendingThread,
  limit: number,
  context: RunContext,
): Promise<{ readonly places: number; readonly updates: number }> {
  const places = await sendKind(thread, { kind: "place", limit }, context);
  const updates = await sendKind(thread, { kind: "update", limit }, context);
  if (places.problemCount + updates.problemCount > 0) {
    throw new OrdersNotSent({
      runId: context.runId,
      sent: places.sent,
      count: places.problemCount,
      // The place of such an order was sent: it is none of those that were not.
      amounts: updates.problemCount,
      orders: [...places.problems, ...updates.problems].slice(0, LISTED_ORDERS),
      unrecorded: sumOf(places.unrecorded, updates.unrecorded),
    });
  }
  return { places: places.sent, updates: updates.sent };
}

async function sendKind(
  thread: SendingThread,
  { kind, limit }: { readonly kind: MessageKind; readonly limit: number },
  context: RunContext,
): Promise<Sent> {
  const problems: OrderProblem[] = [];
  let problemCount = 0;
  let unrecorded: Unrecorded | null = null;
  let sent = 0;
  let after: string | null = null;
  for (let n = 1; ; n++) {
    const stretch: Stretch = { kind, after, limit };
    const done: SentStretch = await context.step(
      `send-${kind}s-${n}`,
      async (step) => sendStretch(thread, step, stretch),
      OPTIONS,
    );
    sent += done.sent;
    problemCount += done.problemCount;
    problems.push(...done.problems.slice(0, LISTED_ORDERS - problems.length));
    unrecorded = sumOf(unrecorded, done.unrecorded);
    if (done.next === null) return { sent, problems, problemCount, unrecorded };
    after = done.next;
  }
}

function sumOf(one: Unrecorded | null, other: Unrecorded | null): Unrecorded | null {
  if (one === null || other === null) return one ?? other;
  return { count: one.count + other.count, reason: other.reason };
}
