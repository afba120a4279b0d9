// What is refused: data that are not of the type, values that are not, types that cannot be.
import { describe, expect, it } from "vitest";
import * as abi from "./abi.ts";
import { compileDecoder } from "./compile-decoder.ts";
import { compileEncoder } from "./compile-encoder.ts";
import { compileStructHash } from "./compile-struct-hash.ts";
import { AbiDecodeError, AbiEncodeError, AbiTypeInvalid } from "./errors.ts";
import { hexToBuffer } from "./hex.ts";
import type { AbiType } from "./types.ts";

const word = (hex: string): string => hex.padStart(64, "0");

describe("strictness", () => {
  const decode = (type: AbiType, ...words: string[]): unknown =>
    compileDecoder({ value: type })(`0x${words.map(word).join("")}`);

  it.each<[string, AbiType, string[], string]>([
    ["uint8 of 256", abi.uint(8), ["100"], "does not fit uint8"],
    ["uint32 of 2^32", abi.uint(32), ["100000000"], "does not fit uint32"],
    ["uint32 with the highest bit", abi.uint(32), [`8${"0".repeat(63)}`], "is too large"],
    ["uint64 of 2^64", abi.uint(64), ["10000000000000000"], "does not fit uint64"],
    ["bool of 2", abi.bool, ["2"], "is neither 0 nor 1"],
    ["address of 21 bytes", abi.address, [`1${"0".repeat(40)}`], "has bits outside an address"],
    ["bytes4 with a fifth", abi.fixedBytes(4), [`0000000001${"0".repeat(54)}`], "has bits outside bytes4"],
    ["offset outside", abi.bytes, ["40"], "lies outside the data"],
    ["offset of 2^52", abi.bytes, ["10000000000000"], "lies outside the data"],
    ["offset of 2^255", abi.bytes, [`8${"0".repeat(63)}`], "is too large"],
    ["offset to itself", abi.bytes, ["0"], "overlaps other fields"],
    ["absurd length", abi.bytes, ["20", "1fffffffffffff"], "lies outside the data"],
    ["absurd list", abi.arrayOf(abi.uint(8)), ["20", "1fffffffffffff"], "has an impossible length"],
    ["truncated list", abi.arrayOf(abi.uint(8)), ["20", "2", "1"], "has an impossible length"],
    ["no data", abi.uint(8), [], "lies outside the data"],
    [
      "two fields with one content",
      abi.arrayOf(abi.bytes),
      ["20", "2", "40", "40", "20", "7"],
      "overlaps other fields",
    ],
  ])("refuses %s", (_what, type, words, reason) => {
    expect(() => decode(type, ...words)).toThrow(reason);
  });

  it("refuses lists whose items all lead to the same bytes", () => {
    // Ten levels of 200 items that share one content would decode to 200^10 values.
    let type: AbiType = abi.uint(256);
    for (let level = 0; level < 10; level++) type = abi.arrayOf(type);
    const words: string[] = ["20"];
    for (let level = 0; level < 9; level++) words.push("c8", ...Array.from({ length: 200 }, () => "1900"));
    words.push("0");
    const started = performance.now();
    expect(() => decode(type, ...words)).toThrow(AbiDecodeError);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("allows what Solidity allows: data after the last field, no padding", () => {
    expect(decode(abi.uint(8), "7", "1")).toEqual({ value: 7 });
    const unpadded = Buffer.concat([hexToBuffer(`0x${word("20")}${word("3")}`), Buffer.from("abc")]);
    expect(compileDecoder({ value: abi.string })(unpadded)).toEqual({ value: Buffer.from("abc") });
  });

  it.each<[string, AbiType, unknown]>([
    ["256 in a uint8", abi.uint(8), 256],
    ["a fraction", abi.uint(8), 1.5],
    ["a bigint in a uint8", abi.uint(8), 1n],
    ["a number in a uint256", abi.uint(256), 1],
    ["2^64 in a uint64", abi.uint(64), 2n ** 64n],
    ["less than nothing", abi.uint(256), -1n],
    ["a short address", abi.address, Buffer.alloc(19)],
    ["text as bytes", abi.bytes, "0x00"],
    ["a short fixed list", abi.arrayOf(abi.bool, 2), [true]],
    ["nothing", abi.struct("S", { a: abi.bool }), undefined],
    ["a missing field", abi.struct("S", { a: abi.bool }), {}],
  ])("does not encode %s", (_what, type, value) => {
    expect(() => compileEncoder({ value: type })({ value })).toThrow(AbiEncodeError);
    const struct = abi.struct("Owner", { value: type });
    expect(() => compileStructHash(struct)({ value })).toThrow(AbiEncodeError);
  });

  it.each<[string, () => unknown]>([
    ["uint7", () => abi.uint(7)],
    ["uint264", () => abi.uint(264)],
    ["bytes33", () => abi.fixedBytes(33)],
    ["an empty fixed list", () => abi.arrayOf(abi.bool, 0)],
    ["an empty struct", () => abi.struct("S", {})],
    ["a field whose key JavaScript would move", () => abi.struct("S", { b: abi.bool, 0: abi.bool })],
    ["an indexed string", () => abi.indexed(abi.string)],
  ])("has no type for %s", (_what, define) => {
    expect(define).toThrow(AbiTypeInvalid);
  });
});
