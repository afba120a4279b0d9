// The bloom against the bits of a known address, and against itself on random logs.
import { seededRandom } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { bloomBitsOf, bloomFill, bloomHas, bloomOfLogs, parseBloom } from "./logs-bloom.ts";

const hex = (byte: number, length: number): string => `0x${byte.toString(16).padStart(2, "0").repeat(length)}`;

describe("logs bloom", () => {
  it("sets the bits that the Yellow Paper's example has", () => {
    // keccak256 of 20 bytes 0x0f572e5295c57f15886f9b263e2f6d2d6c7b5ec6 is 0xbd2b01af…, so bits 1323, 431 and 1319.
    const bits = bloomBitsOf(Buffer.from("0f572e5295c57f15886f9b263e2f6d2d6c7b5ec6", "hex"));
    expect(bits).toEqual([1323, 431, 1319]);
  });

  it("has every address and topic that it was made of, and tells how full it is", () => {
    const random = seededRandom(7);
    const logs = Array.from({ length: 20 }, () => ({
      address: hex(random.integer(0, 255), 20),
      topics: [hex(random.integer(0, 255), 32)],
    }));
    const bloom = bloomOfLogs(logs);
    for (const { address, topics } of logs) {
      for (const value of [address, ...topics]) {
        expect(bloomHas(bloom, bloomBitsOf(Buffer.from(value.slice(2), "hex")))).toBe(true);
      }
    }
    const ones = [...bloom].reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
    expect(bloomFill(bloom)).toBe(ones / 2048);
    expect(bloomHas(Buffer.alloc(256), bloomBitsOf(Buffer.alloc(20)))).toBe(false);
  });

  it("refuses another length", () => {
    expect(() => parseBloom("0x00")).toThrow("1 bytes");
    expect(parseBloom(hex(0, 256))).toHaveLength(256);
  });
});
