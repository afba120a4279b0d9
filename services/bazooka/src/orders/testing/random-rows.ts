// Random orders for tests and benches: every field over its whole range, from a seed.
import { seededRandom, type Random } from "@tidegate/kernel";
import type { OrderRow } from "../order-row.ts";

/** An order as the store has it, and what it was written from: the protocol's own whole numbers. */
interface RandomOrder {
  readonly row: OrderRow;
  readonly meant: {
    readonly quantums: bigint;
    readonly subticks: bigint;
    readonly triggerSubticks: bigint;
    readonly totalFilled: bigint;
  };
}

export function randomOrders(seed: number, count: number): RandomOrder[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => randomOrder(random));
}

function randomOrder(random: Random): RandomOrder {
  const atomicResolution = -below(random, 12);
  const quantumConversionExponent = -below(random, 10);
  const priceExponent = -(atomicResolution + 6 - quantumConversionExponent);
  const hasBlock = below(random, 4) === 0;
  const isConditional = below(random, 4) === 0;
  const hasBuilder = below(random, 3) === 0;
  const meant = {
    quantums: edge(random, 64),
    subticks: edge(random, 64),
    triggerSubticks: isConditional ? edge(random, 64) : 0n,
    totalFilled: below(random, 2) === 0 ? 0n : edge(random, 64),
  };
  const row = {
    id: uuid(random),
    clientId: String(edge(random, 32)),
    clobPairId: String(below(random, 300)),
    orderFlags: isConditional ? "32" : "64",
    clientMetadata: String(below(random, 2) === 0 ? 0 : edge(random, 32)),
    side: random.pick(["BUY", "SELL"]),
    size: shifted(meant.quantums, atomicResolution),
    totalFilled: shifted(meant.totalFilled, atomicResolution),
    price: shifted(meant.subticks, priceExponent),
    type: isConditional
      ? random.pick(["STOP_LIMIT", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"])
      : random.pick(["LIMIT", "MARKET"]),
    timeInForce: random.pick(["GTT", "FOK", "IOC", "POST_ONLY"]),
    reduceOnly: below(random, 2) === 0,
    goodTilBlock: hasBlock ? String(edge(random, 32)) : null,
    goodTilBlockTime: hasBlock ? null : String(edge(random, 32)),
    triggerPrice: isConditional ? shifted(meant.triggerSubticks, priceExponent) : null,
    builderAddress: hasBuilder ? address(random) : null,
    feePpm: hasBuilder ? String(below(random, 10_000)) : null,
    orderRouterAddress: below(random, 4) === 0 ? address(random) : null,
    owner: below(random, 50) === 0 ? `dydx1é€𐍈${below(random, 9)}` : address(random),
    subaccountNumber: random.pick([0, 0, 0, 1, 128, 128_000, 4_294_967_295]),
    atomicResolution,
    quantumConversionExponent,
  };
  return { row, meant };
}

/** Uniform over bit lengths, so that every varint length comes up; at times the least or the greatest. */
function edge(random: Random, bits: number): bigint {
  const length = below(random, bits + 1);
  if (length === 0) return 0n;
  if (below(random, 8) === 0) return (1n << BigInt(length)) - 1n;
  let value = 1n;
  for (let bit = 1; bit < length; bit++) value = (value << 1n) | BigInt(below(random, 2));
  return value;
}

/** value × 10^exponent, written out as PostgreSQL writes numeric. */
function shifted(value: bigint, exponent: number): string {
  if (exponent >= 0) return (value * 10n ** BigInt(exponent)).toString();
  const digits = value.toString().padStart(-exponent + 1, "0");
  return `${digits.slice(0, exponent)}.${digits.slice(exponent)}`;
}

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

function address(random: Random): string {
  return `dydx1${Array.from({ length: 38 }, () => ALPHABET[below(random, 32)]).join("")}`;
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => below(random, 16).toString(16)).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Uniform in [0, limit). */
const below = (random: Random, limit: number): number => random.integer(0, limit - 1);
