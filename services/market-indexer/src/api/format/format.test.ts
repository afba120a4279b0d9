// How values look in JSON: amounts, times, bytes, integers.
import { formatEther } from "ethers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAmount } from "./amount.ts";
import { exactInteger } from "./exact-integer.ts";
import { REQUEST_ID_FORM, requestIdFromHex, requestIdToHex, toHex } from "./hex.ts";
import { isoTime } from "./iso-time.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

describe(`formats (SEED=${SEED})`, () => {
  it.each([
    ["0", "0.0 ETH"],
    ["1", "0.000000000000000001 ETH"],
    ["1000000000000000000", "1.0 ETH"],
    ["1500000000000000000", "1.5 ETH"],
    ["123456789000000000000000000", "123456789.0 ETH"],
    ["10", "0.00000000000000001 ETH"],
  ])("writes %s wei as %s", (wei, text) => {
    expect(formatAmount(wei, "ETH")).toBe(text);
  });

  it("agrees with ethers on every uint256", () => {
    const property = fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (wei) => {
      expect(formatAmount(wei.toString(), "ZKC")).toBe(`${formatEther(wei)} ZKC`);
    });
    fc.assert(property, { seed: SEED, numRuns: 1_000 });
  });

  it.each([
    [0n, "1970-01-01T00:00:00Z"],
    [1_700_000_000n, "2023-11-14T22:13:20Z"],
    [253_402_300_799n, "9999-12-31T23:59:59Z"],
    [253_402_300_800n, null],
    [2n ** 64n + 2n ** 32n, null],
    [-1n, null],
    [null, null],
  ])("writes the time %s as %s", (seconds, text) => {
    expect(isoTime(seconds)).toBe(text);
  });

  it("keeps null", () => {
    expect([formatAmount(null, "ETH"), toHex(null)]).toEqual([null, null]);
  });

  it("writes integers of any size to the last digit", () => {
    const property = fc.property(fc.bigInt({ min: 0n, max: 2n ** 70n }), (value) => {
      expect(JSON.stringify({ value: exactInteger(value) })).toBe(`{"value":${value}}`);
    });
    fc.assert(property, { seed: SEED, numRuns: 1_000 });
    expect(JSON.stringify([exactInteger(2n ** 53n + 1n)])).toBe("[9007199254740993]");
  });

  it("reads back a request id that it wrote, in any case, with or without 0x and zeros", () => {
    const property = fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.boolean(), (bytes, upper) => {
      const id = Buffer.from(bytes);
      const text = requestIdToHex(id);
      const digits = text.slice(2);
      for (const form of [text, digits, `0X${digits}`, digits.padStart(64, "0")]) {
        const given = upper ? form.toUpperCase() : form;
        expect(given).toMatch(REQUEST_ID_FORM);
        expect(requestIdFromHex(given)).toEqual(id);
      }
    });
    fc.assert(property, { seed: SEED });
  });

  it("writes a request id without zeros in front, and zero as 0x0", () => {
    expect(requestIdToHex(Buffer.from("00".repeat(30) + "0a0b", "hex"))).toBe("0xa0b");
    expect(requestIdToHex(Buffer.alloc(32))).toBe("0x0");
  });
});
