// One order as a Kafka record: its message, the key that keeps its messages in one partition, and what tells Vulcan what it is.
import { hash } from "node:crypto";
import { kafkaHeaders, type KafkaHeaders, type KafkaRecord } from "@tidegate/kafka";
import { encodeOrderId, encodePlace, encodeUpdate } from "./encode-order.ts";
import type { OrderRow } from "./order-row.ts";
import { toIndexerOrder, totalFilledQuantums, Unsendable } from "./to-indexer-order.ts";
import type { WireWriter } from "./wire-writer.ts";

export type MessageKind = "place" | "update";

const CONDITIONAL_FLAG = "32";

/** Throws Unsendable. Undefined for an update of an order that could not be placed: its place has told so already. */
export type ToRecord = (row: OrderRow) => KafkaRecord | undefined;

/** Headers as Ender sets them; without them Vulcan counts the messages as those of short-term orders. `at` in milliseconds since 1970. */
export function createToRecord(writer: WireWriter, kind: MessageKind, at: number): ToRecord {
  const headersOf = (eventType: string): KafkaHeaders =>
    kafkaHeaders({ message_received_timestamp: String(at), event_type: eventType });
  if (kind === "update") {
    const headers = headersOf("StatefulOrderUpdate");
    return (row) => {
      const id = idOfPlaced(writer, row);
      if (id === undefined) return undefined;
      return { key: keyOf(id), value: encodeUpdate(writer, totalFilledQuantums(row), id), headers };
    };
  }
  const placement = headersOf("StatefulOrderPlacement");
  const triggered = headersOf("ConditionalOrderTriggered");
  return (row) => {
    const order = toIndexerOrder(row);
    const id = encodeOrderId(writer, order.id);
    const headers = row.orderFlags === CONDITIONAL_FLAG ? triggered : placement;
    return { key: keyOf(id), value: encodePlace(writer, order, id), headers };
  };
}

function idOfPlaced(writer: WireWriter, row: OrderRow): Buffer | undefined {
  try {
    return encodeOrderId(writer, toIndexerOrder(row).id);
  } catch (error) {
    if (error instanceof Unsendable) return undefined;
    throw error;
  }
}

/** sha-256 of the encoded IndexerOrderId, 32 bytes. */
const keyOf = (id: Buffer): Buffer => hash("sha256", id, "buffer");
