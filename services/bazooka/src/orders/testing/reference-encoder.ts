// The same messages through protobufjs and long, from the same rows: what our encoder is compared with, byte by byte and in speed.
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import Long from "long";
import protobuf from "protobufjs";
import type { OrderRow } from "../order-row.ts";

const root = protobuf.loadSync(fileURLToPath(new URL("indexer.proto", import.meta.url)));
const orderIdType = root.lookupType("tidegate.reference.IndexerOrderId");
const updateType = root.lookupType("tidegate.reference.OffChainUpdateV1");

/** The compiled message types, for who prepares messages of its own. */
export const referenceTypes = { orderId: orderIdType, update: updateType };

const SIDES: Readonly<Record<string, number>> = { BUY: 1, SELL: 2 };
const TIMES: Readonly<Record<string, number>> = { GTT: 0, IOC: 1, POST_ONLY: 2, FOK: 3 };
const CONDITIONS: Readonly<Record<string, number>> = {
  STOP_LIMIT: 1,
  STOP_MARKET: 1,
  TAKE_PROFIT: 2,
  TAKE_PROFIT_MARKET: 2,
};

/** The protocol's message as protobufjs takes it: plain objects, 64 bits as Long. */
interface DecodedUpdate {
  readonly orderPlace?: { readonly order: Readonly<Record<string, unknown>> };
  readonly orderUpdate?: Readonly<Record<string, unknown>>;
}

/** What a reader of the message sees; 64 bits as decimal text. */
export function decodeUpdate(bytes: Uint8Array): DecodedUpdate {
  return updateType.toObject(updateType.decode(bytes), { longs: String, defaults: true });
}

function referenceOrder(row: OrderRow): Readonly<Record<string, unknown>> {
  return withoutDefaults(allFields(row));
}

function allFields(row: OrderRow): Readonly<Record<string, unknown>> {
  const exponent = row.atomicResolution ?? 0;
  const priceExponent = exponent + 6 - (row.quantumConversionExponent ?? 0);
  return {
    orderId: allIdFields(row),
    side: SIDES[row.side] ?? 0,
    quantums: long(row.size, -exponent),
    subticks: long(row.price, priceExponent),
    ...(row.goodTilBlock === null
      ? { goodTilBlockTime: Number(row.goodTilBlockTime) }
      : { goodTilBlock: Number(row.goodTilBlock) }),
    timeInForce: TIMES[row.timeInForce] ?? 0,
    reduceOnly: row.reduceOnly,
    clientMetadata: Number(row.clientMetadata),
    conditionType: CONDITIONS[row.type] ?? 0,
    conditionalOrderTriggerSubticks: row.triggerPrice === null ? Long.UZERO : long(row.triggerPrice, priceExponent),
    ...(row.builderAddress === null || row.feePpm === null
      ? {}
      : { builderCodeParams: { builderAddress: row.builderAddress, feePpm: Number(row.feePpm) } }),
    orderRouterAddress: row.orderRouterAddress ?? "",
  };
}

export function referenceOrderId(row: OrderRow): Readonly<Record<string, unknown>> {
  return withoutDefaults(allIdFields(row));
}

function allIdFields(row: OrderRow): Readonly<Record<string, unknown>> {
  return {
    subaccountId: { owner: row.owner, number: row.subaccountNumber },
    clientId: Number(row.clientId),
    orderFlags: Number(row.orderFlags),
    clobPairId: Number(row.clobPairId),
  };
}

export const encodeReferenceId = (id: Readonly<Record<string, unknown>>): Uint8Array => orderIdType.encode(id).finish();

const encodeReferencePlace = (order: Readonly<Record<string, unknown>>): Uint8Array =>
  updateType.encode({ orderPlace: { order, placementStatus: 2 } }).finish();

export function referenceKey(row: OrderRow): Buffer {
  return createHash("sha256")
    .update(encodeReferenceId(referenceOrderId(row)))
    .digest();
}

export function referencePlace(row: OrderRow): Uint8Array {
  return encodeReferencePlace(referenceOrder(row));
}

export function referenceUpdate(row: OrderRow): Uint8Array {
  const orderUpdate = {
    orderId: allIdFields(row),
    totalFilledQuantums: long(row.totalFilled, -(row.atomicResolution ?? 0)),
  };
  return updateType.encode({ orderUpdate: withoutDefaults(orderUpdate) }).finish();
}

/** text × 10^exponent by whole-number arithmetic; nothing of it is ours. */
function long(text: string, exponent: number): Long {
  const [integer = "", fraction = ""] = text.split(".");
  const digits = BigInt(integer + fraction);
  const shift = exponent - fraction.length;
  if (shift >= 0) return Long.fromString((digits * 10n ** BigInt(shift)).toString(), true);
  const divisor = 10n ** BigInt(-shift);
  if (digits % divisor !== 0n) throw new Error(`${text} × 10^${exponent} is no whole number`);
  return Long.fromString((digits / divisor).toString(), true);
}

/** protobufjs writes what is set, proto3's generated code only what is not the default. */
function withoutDefaults(message: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(message).flatMap(([name, value]) => {
      const isOneof = name === "goodTilBlock" || name === "goodTilBlockTime";
      const isDefault = value === 0 || value === "" || value === false || (Long.isLong(value) && value.isZero());
      if (isDefault && !isOneof) return [];
      const isMessage = value !== null && typeof value === "object" && !Long.isLong(value);
      return [[name, isMessage ? withoutDefaults(value as Record<string, unknown>) : value]];
    }),
  );
}
