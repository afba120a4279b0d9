// The sending thread with protobufjs + long in the place of our encoder; all else is the same.
import { hash } from "node:crypto";
import { kafkaHeaders } from "@tidegate/kafka";
import { serveStretches, toIndexerOrder } from "@tidegate/bazooka/testing/orders";
import {
  encodeIdMessage,
  encodePlaceMessage,
  encodeUpdateMessage,
  toIdMessage,
  toOrderMessage,
} from "./reference-messages.ts";

serveStretches((kind, at) => {
  const headersOf = (eventType: string) =>
    kafkaHeaders({ message_received_timestamp: String(at), event_type: eventType });
  const [update, placement, triggered] = [
    headersOf("StatefulOrderUpdate"),
    headersOf("StatefulOrderPlacement"),
    headersOf("ConditionalOrderTriggered"),
  ];
  return (row) => {
    const order = toIndexerOrder(row);
    const id = toIdMessage(order);
    const key = hash("sha256", encodeIdMessage(id), "buffer");
    if (kind === "update") return { key, value: encodeUpdateMessage(row, id), headers: update };
    const headers = row.orderFlags === "32" ? triggered : placement;
    return { key, value: encodePlaceMessage(toOrderMessage(order)), headers };
  };
});
