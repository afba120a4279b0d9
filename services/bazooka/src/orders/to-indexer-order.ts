// From a row to the protocol's order. Every number is checked to its range: what does not fit is a problem by name, never another number.
import {
  CONDITION_TYPE,
  SIDE,
  TIME_IN_FORCE,
  type IndexerOrder,
  type IndexerOrderId,
  type Uint64,
} from "./indexer-order.ts";
import type { OrderRow } from "./order-row.ts";
import { scaleDecimal } from "./scale-decimal.ts";

/** Of quote quantums. Source: the protocol's QUOTE_CURRENCY_ATOMIC_RESOLUTION. */
const QUOTE_ATOMIC_RESOLUTION = -6;
/** Addresses have 63 characters at most; the indexer's columns 255. */
const MAX_ADDRESS = 1_000;
const MAX_UINT32 = 4_294_967_295;
const ZERO: Uint64 = { low: 0, high: 0 };

const CONDITION_OF: Readonly<Record<string, number>> = {
  STOP_LIMIT: CONDITION_TYPE.STOP_LOSS,
  STOP_MARKET: CONDITION_TYPE.STOP_LOSS,
  TAKE_PROFIT: CONDITION_TYPE.TAKE_PROFIT,
  TAKE_PROFIT_MARKET: CONDITION_TYPE.TAKE_PROFIT,
};

/** Thrown and caught within this folder: one order's problem in words. */
export class Unsendable extends Error {
  override readonly name = "Unsendable";
}

/** Throws Unsendable. quantums = size ÷ 10^atomicResolution; subticks as below. */
export function toIndexerOrder(row: OrderRow): IndexerOrder {
  const id = toOrderId(row);
  const { atomicResolution, priceExponent } = marketOf(row);
  const hasBuilder = row.builderAddress !== null && row.feePpm !== null;
  const goodTil = goodTilOf(row);
  return {
    id,
    side: known(SIDE, row.side, "side"),
    quantums: scaled(row.size, -atomicResolution, "size"),
    subticks: scaled(row.price, priceExponent, "price"),
    ...goodTil,
    timeInForce: known(TIME_IN_FORCE, row.timeInForce, "timeInForce"),
    reduceOnly: row.reduceOnly,
    clientMetadata: uint32(row.clientMetadata, "clientMetadata"),
    conditionType: CONDITION_OF[row.type] ?? CONDITION_TYPE.UNSPECIFIED,
    triggerSubticks: row.triggerPrice === null ? ZERO : scaled(row.triggerPrice, priceExponent, "triggerPrice"),
    builder: hasBuilder
      ? { address: address(row.builderAddress, "builderAddress"), feePpm: uint32(row.feePpm ?? "", "feePpm") }
      : undefined,
    orderRouterAddress: address(row.orderRouterAddress, "orderRouterAddress"),
  };
}

function toOrderId(row: OrderRow): IndexerOrderId {
  if (row.owner === null || row.subaccountNumber === null) throw new Unsendable("its subaccount is not there");
  return {
    owner: address(row.owner, "owner"),
    subaccountNumber: inRange(row.subaccountNumber, "subaccountNumber"),
    clientId: uint32(row.clientId, "clientId"),
    orderFlags: uint32(row.orderFlags, "orderFlags"),
    clobPairId: uint32(row.clobPairId, "clobPairId"),
  };
}

/** Throws Unsendable. totalFilled ÷ 10^atomicResolution. */
export function totalFilledQuantums(row: OrderRow): Uint64 {
  return scaled(row.totalFilled, -marketOf(row).atomicResolution, "totalFilled");
}

/** subticks = price × 10^atomicResolution ÷ 10^(−6) ÷ 10^quantumConversionExponent. */
function marketOf(row: OrderRow): { readonly atomicResolution: number; readonly priceExponent: number } {
  const { atomicResolution, quantumConversionExponent } = row;
  if (atomicResolution === null || quantumConversionExponent === null)
    throw new Unsendable(`no market has its clobPairId ${row.clobPairId}`);
  return { atomicResolution, priceExponent: atomicResolution - QUOTE_ATOMIC_RESOLUTION - quantumConversionExponent };
}

function goodTilOf(row: OrderRow): Pick<IndexerOrder, "goodTilBlock" | "goodTilBlockTime"> {
  if (row.goodTilBlock !== null)
    return { goodTilBlock: uint32(row.goodTilBlock, "goodTilBlock"), goodTilBlockTime: undefined };
  if (row.goodTilBlockTime === null) throw new Unsendable("it has neither goodTilBlock nor goodTilBlockTime");
  return { goodTilBlock: undefined, goodTilBlockTime: uint32(row.goodTilBlockTime, "goodTilBlockTime") };
}

function scaled(text: string, exponent: number, what: string): Uint64 {
  const value = scaleDecimal(text, exponent);
  if (typeof value === "string") throw new Unsendable(`its ${what} ${value}`);
  return value;
}

/** A message that a broker finds too large would take its whole batch down. */
function address(text: string | null, what: string): string {
  if (text !== null && text.length > MAX_ADDRESS)
    throw new Unsendable(`its ${what} is longer than ${MAX_ADDRESS} characters`);
  return text ?? "";
}

function uint32(text: string, what: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text))
    throw new Unsendable(`its ${what} ${JSON.stringify(text.slice(0, 40))} is no whole number`);
  return inRange(value, what);
}

function inRange(value: number, what: string): number {
  if (value < 0 || value > MAX_UINT32 || !Number.isInteger(value))
    throw new Unsendable(`its ${what} ${value} does not fit into 32 bits without a sign`);
  return value;
}

function known(table: Readonly<Record<string, number>>, name: string, what: string): number {
  const value = Object.hasOwn(table, name) ? table[name] : undefined;
  if (value === undefined)
    throw new Unsendable(
      `its ${what} ${JSON.stringify(name.slice(0, 40))} is none of ${Object.keys(table).join(", ")}`,
    );
  return value;
}
