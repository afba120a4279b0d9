// The protocol's messages as protobufjs + long take them, from orders that were converted and checked as ours are.
import {
  referenceTypes,
  totalFilledQuantums as filledOf,
  type IndexerOrder,
  type OrderRow,
} from "@tidegate/bazooka/testing/orders";
import Long from "long";

type Message = Record<string, unknown>;

const long = ({ low, high }: { readonly low: number; readonly high: number }): Long => new Long(low, high, true);

/** proto3: what has its default is left out. */
function set(message: Message, name: string, value: number | string | boolean): void {
  if (value !== 0 && value !== "" && value !== false) message[name] = value;
}

export function toIdMessage({ id }: IndexerOrder): Message {
  const subaccountId: Message = {};
  set(subaccountId, "owner", id.owner);
  set(subaccountId, "number", id.subaccountNumber);
  const message: Message = { subaccountId };
  set(message, "clientId", id.clientId);
  set(message, "orderFlags", id.orderFlags);
  set(message, "clobPairId", id.clobPairId);
  return message;
}

export function toOrderMessage(order: IndexerOrder): Message {
  const message: Message = {
    orderId: toIdMessage(order),
    side: order.side,
    quantums: long(order.quantums),
    subticks: long(order.subticks),
  };
  if (order.goodTilBlock !== undefined) message["goodTilBlock"] = order.goodTilBlock;
  if (order.goodTilBlockTime !== undefined) message["goodTilBlockTime"] = order.goodTilBlockTime;
  set(message, "timeInForce", order.timeInForce);
  set(message, "reduceOnly", order.reduceOnly);
  set(message, "clientMetadata", order.clientMetadata);
  set(message, "conditionType", order.conditionType);
  const trigger = long(order.triggerSubticks);
  if (!trigger.isZero()) message["conditionalOrderTriggerSubticks"] = trigger;
  if (order.builder !== undefined)
    message["builderCodeParams"] = { builderAddress: order.builder.address, feePpm: order.builder.feePpm };
  set(message, "orderRouterAddress", order.orderRouterAddress);
  return message;
}

export const encodeIdMessage = (id: Message): Buffer => referenceTypes.orderId.encode(id).finish() as Buffer;

export const encodePlaceMessage = (order: Message): Buffer =>
  referenceTypes.update.encode({ orderPlace: { order, placementStatus: 2 } }).finish() as Buffer;

export function encodeUpdateMessage(row: OrderRow, orderId: Message): Buffer {
  const totalFilledQuantums = long(filledOf(row));
  return referenceTypes.update.encode({ orderUpdate: { orderId, totalFilledQuantums } }).finish() as Buffer;
}
