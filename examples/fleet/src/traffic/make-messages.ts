// What the traffic sends: the same seed gives the same messages, but for ids and times.
import type { Random } from "@tidegate/kernel";
import type { FleetEvent } from "../releases/release.ts";

const PAIRS = ["BTC-USD", "ETH-USD", "SOL-USD", "BTC-EUR", "ETH-BTC"] as const;
/** Of ten messages, so many are orders; the others are trades. */
const ORDERS_OF_TEN = 3;

export function makeMessage(random: Random, id: string, sentAt: Date): FleetEvent {
  return {
    id,
    kind: random.integer(1, 10) <= ORDERS_OF_TEN ? "order" : "trade",
    pair: random.pick(PAIRS),
    amount: `${random.integer(1, 99_999)}.${String(random.integer(0, 999_999)).padStart(6, "0")}`,
    sentAt: sentAt.toISOString(),
  };
}

/** How many messages are due now, at a rate per second; what a stall left behind is made up for within a second. */
export function dueMessages(facts: {
  readonly rate: number;
  readonly elapsedMs: number;
  readonly sent: number;
}): number {
  const due = Math.floor((facts.rate * facts.elapsedMs) / 1_000) - facts.sent;
  return Math.max(0, Math.min(due, facts.rate));
}
