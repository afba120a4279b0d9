// What Ender tells the others: orders to Vulcan, trades to the websockets.
import { TRADES_TOPIC, VULCAN_TOPIC } from "../constants.ts";
import type { Sender } from "../kafka/open-sender.ts";
import type { PlacedEvent, Writer } from "../releases/release.ts";

/** The same event gives the same key, so that its records keep their order. */
export async function forwardEvents(
  { sender, topicPrefix, writer }: { readonly sender: Sender; readonly topicPrefix: string; readonly writer: Writer },
  events: readonly PlacedEvent[],
): Promise<void> {
  await sender.send(
    events.map(({ offset, ...event }) => ({
      topic: topicPrefix + (event.kind === "order" ? VULCAN_TOPIC : TRADES_TOPIC),
      key: event.id,
      value: JSON.stringify({ ...event, sourceOffset: String(offset), writerVersion: writer.version }),
    })),
  );
}
