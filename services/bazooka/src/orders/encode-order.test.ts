// Our encoder against the published vectors, and against protobufjs over random orders.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { encodeOrderId, encodePlace, encodeUpdate } from "./encode-order.ts";
import type { OrderRow } from "./order-row.ts";
import { randomOrders } from "./testing/random-rows.ts";
import {
  decodeUpdate,
  encodeReferenceId,
  referenceOrderId,
  referencePlace,
  referenceUpdate,
} from "./testing/reference-encoder.ts";
import { toIndexerOrder, totalFilledQuantums, Unsendable } from "./to-indexer-order.ts";
import { WireWriter } from "./wire-writer.ts";

const writer = new WireWriter();
const idOf = (row: OrderRow): Buffer => encodeOrderId(writer, toIndexerOrder(row).id);

/** The order of the published vectors: size 25, price 20000, atomicResolution −10, quantumConversionExponent −8. */
const GOLDEN: OrderRow = {
  id: "cd996eb8-9693-5f9f-ac10-3b9deb5a6ab4",
  clientId: "1",
  clobPairId: "1",
  orderFlags: "64",
  clientMetadata: "0",
  side: "BUY",
  size: "25",
  totalFilled: "1000",
  price: "20000",
  type: "LIMIT",
  timeInForce: "GTT",
  reduceOnly: false,
  goodTilBlock: null,
  goodTilBlockTime: "1700000000",
  triggerPrice: null,
  builderAddress: null,
  feePpm: null,
  orderRouterAddress: null,
  owner: "dydx1abc",
  subaccountNumber: 0,
  atomicResolution: -10,
  quantumConversionExponent: -8,
};

describe("the golden vectors", () => {
  it("encode the order id, and its hash is the key", () => {
    const id = idOf(GOLDEN);
    expect(id.toString("hex")).toBe("0a0a0a086479647831616263150100000018402001");
    expect(createHash("sha256").update(id).digest("hex")).toBe(
      "0d0a79aef4e7af4253ee04672501e53806c9c66fb048d276ae466c6a4a978b0f",
    );
  });

  it("encode the place", () => {
    expect(encodePlace(writer, toIndexerOrder(GOLDEN), idOf(GOLDEN)).toString("hex")).toBe(
      "0a2e0a2a0a150a0a0a0864796478316162631501000000184020011001188088a5a9a307208084af5f3500f153651002",
    );
  });

  it("encode the update", () => {
    expect(encodeUpdate(writer, totalFilledQuantums(GOLDEN), idOf(GOLDEN)).toString("hex")).toBe(
      "1a1f0a150a0a0a0864796478316162631501000000184020011080c0caf384a302",
    );
  });
});

describe("random orders", () => {
  const SEED = 20_261_124;
  it(`are encoded as protobufjs encodes them (seed ${SEED})`, () => {
    for (const { row } of randomOrders(SEED, 20_000)) {
      const id = idOf(row);
      const where = JSON.stringify(row);
      expect(id.equals(encodeReferenceId(referenceOrderId(row))), where).toBe(true);
      expect(encodePlace(writer, toIndexerOrder(row), id).equals(referencePlace(row)), where).toBe(true);
      expect(encodeUpdate(writer, totalFilledQuantums(row), id).equals(referenceUpdate(row)), where).toBe(true);
    }
  });
});

describe("random orders, decoded by protobufjs", () => {
  const SEED = 20_261_125;
  it(`have the whole numbers that they were written from (seed ${SEED})`, () => {
    for (const { row, meant } of randomOrders(SEED, 10_000)) {
      const id = idOf(row);
      const where = JSON.stringify(row);
      const order = decodeUpdate(encodePlace(writer, toIndexerOrder(row), id)).orderPlace?.order;
      const update = decodeUpdate(encodeUpdate(writer, totalFilledQuantums(row), id)).orderUpdate;
      const seen = [
        order?.["quantums"],
        order?.["subticks"],
        order?.["conditionalOrderTriggerSubticks"],
        update?.["totalFilledQuantums"],
      ];
      expect(seen, where).toEqual(
        [meant.quantums, meant.subticks, meant.triggerSubticks, meant.totalFilled].map(String),
      );
    }
  });
});

describe("an order that cannot be sent", () => {
  it.each<[string, Partial<OrderRow>, string]>([
    ["a fraction of a quantum", { size: "25.00000000001" }, "its size 25.00000000001 × 10^10 is no whole number"],
    ["a negative price", { price: "-1" }, "its price -1 is negative"],
    ["more than 64 bits", { size: "1844674407.3709551616" }, "its size 18446744073709551616 is more than 64 bits hold"],
    ["an exponent", { price: "1e+21" }, 'its price "1e+21" is no decimal number'],
    ["no number", { size: "NaN" }, 'its size "NaN" is no decimal number'],
    ["a client id of 33 bits", { clientId: "4294967296" }, "its clientId 4294967296 does not fit into 32 bits"],
    ["a negative client id", { clientId: "-1" }, "its clientId -1 does not fit into 32 bits without a sign"],
    ["a time after 2106", { goodTilBlockTime: "4294967296" }, "its goodTilBlockTime 4294967296 does not fit"],
    ["no time at all", { goodTilBlockTime: null }, "it has neither goodTilBlock nor goodTilBlockTime"],
    ["no subaccount", { owner: null, subaccountNumber: null }, "its subaccount is not there"],
    ["no market", { atomicResolution: null, quantumConversionExponent: null }, "no market has its clobPairId 1"],
    ["another side", { side: "HOLD" }, 'its side "HOLD" is none of BUY, SELL'],
    ["another time in force", { timeInForce: "toString" }, 'its timeInForce "toString" is none of'],
    ["a time without an end", { goodTilBlockTime: "infinity" }, 'its goodTilBlockTime "infinity" is no whole number'],
    ["a market of 32 bits", { atomicResolution: -2_147_483_648 }, "its size 25 × 10^2147483648 is beyond any order"],
    ["a market out of bounds", { atomicResolution: -100_000_000 }, "its size 25 × 10^100000000 is beyond any order"],
    ["the other way", { atomicResolution: 100_000_000 }, "its size 25 × 10^-100000000 is beyond any order"],
    [
      "an endless address",
      { builderAddress: "x".repeat(2_000), feePpm: "1" },
      "its builderAddress is longer than 1000",
    ],
    ["a fee that is none", { builderAddress: "dydx1b", feePpm: "1.5" }, 'its feePpm "1.5" is no whole number'],
  ])("says why: %s", (_, change, problem) => {
    expect(() => toIndexerOrder({ ...GOLDEN, ...change })).toThrow(problem);
    expect(() => toIndexerOrder({ ...GOLDEN, ...change })).toThrow(Unsendable);
  });

  it("says so in a few words, also of a number of a hundred thousand digits", () => {
    for (const size of ["9".repeat(100_000), `0.${"9".repeat(100_000)}`, "x".repeat(100_000)]) {
      const problem = problemOf({ ...GOLDEN, size });
      expect(problem.length).toBeLessThan(200);
    }
  });
});

function problemOf(row: OrderRow): string {
  try {
    toIndexerOrder(row);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it can be sent");
}
