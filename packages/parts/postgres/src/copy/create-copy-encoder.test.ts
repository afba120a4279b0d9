import { expect, test } from "vitest";
import { createCopyEncoder, type CopyEncoder } from "./create-copy-encoder.ts";

/** The stream without the message headers (byte 'd' and a length that must be right). */
function streamOf(encoder: CopyEncoder): Buffer {
  return Buffer.concat(
    encoder.frames().map((frame) => {
      const bytes = Buffer.from(frame);
      expect(bytes[0]).toBe(0x64);
      expect(bytes.readInt32BE(1)).toBe(bytes.length - 1);
      return bytes.subarray(5);
    }),
  );
}

const HEADER = `5047434f50590aff0d0a00${"00".repeat(8)}`;
const TRAILER = "ffff";

test("writes header, rows and trailer as the documentation has them", () => {
  const encoder = createCopyEncoder();
  encoder.startRow(3);
  encoder.int4(-2);
  encoder.null();
  encoder.text("é");
  const row = ["0003", "00000004fffffffe", "ffffffff", "00000002c3a9"].join("");
  expect(streamOf(encoder).toString("hex")).toBe(HEADER + row + TRAILER);
  expect(encoder.rows).toBe(1);
});

test("is the same stream whatever the size of its chunks, and again after clear", () => {
  const fill = (encoder: CopyEncoder): string => {
    for (let row = 0; row < 50; row++) {
      encoder.startRow(4);
      encoder.bytea(Buffer.alloc(row * 7, row));
      encoder.numeric(BigInt(row) ** 40n);
      encoder.int8(-row);
      encoder.text("x".repeat(row * 3));
    }
    return streamOf(encoder).toString("hex");
  };
  const whole = fill(createCopyEncoder());
  const small = createCopyEncoder({ chunkBytes: 64 });
  expect(fill(small)).toBe(whole);
  small.clear();
  expect(small.rows).toBe(0);
  expect(fill(small)).toBe(whole);
  expect(small.byteLength).toBe(whole.length / 2 - TRAILER.length / 2);
});

test("can be sent twice: asking for the frames changes nothing", () => {
  const encoder = createCopyEncoder();
  encoder.startRow(1);
  encoder.bool(true);
  const first = streamOf(encoder);
  expect(streamOf(encoder)).toEqual(first);
  encoder.startRow(1);
  encoder.bool(false);
  expect(streamOf(encoder).toString("hex")).toBe(`${first.toString("hex").slice(0, -4)}00010000000100${TRAILER}`);
});

test.each<[string, (encoder: CopyEncoder) => void]>([
  ["int4 of 33 bits", (encoder) => encoder.int4(2 ** 31)],
  ["int4 with a fraction", (encoder) => encoder.int4(1.5)],
  ["int8 of an unsafe number", (encoder) => encoder.int8(2 ** 53)],
  ["int8 of 65 bits", (encoder) => encoder.int8(2n ** 63n)],
  ["a hexadecimal text without 0x", (encoder) => encoder.byteaHex("abcd")],
  ["a hexadecimal text of odd length", (encoder) => encoder.byteaHex("0xabc")],
  ["a hexadecimal text with another letter", (encoder) => encoder.byteaHex("0xabcg")],
  ["an empty hexadecimal text without 0x", (encoder) => encoder.byteaHex("")],
  ["an invalid Date", (encoder) => encoder.timestamptz(new Date(Number.NaN))],
  ["a number of 131,073 digits", (encoder) => encoder.numeric(10n ** 131_072n)],
])("refuses %s", (_, write) => {
  const encoder = createCopyEncoder();
  encoder.startRow(1);
  expect(() => write(encoder)).toThrow(expect.objectContaining({ name: "CopyValueInvalid" }));
});

test("refuses rows with too few and too many values", () => {
  const few = createCopyEncoder();
  few.startRow(2);
  few.null();
  expect(() => few.startRow(2)).toThrow("Row 1 lacks 1 of the values");
  expect(() => few.frames()).toThrow("Row 1 lacks 1 of the values");
  few.clear();
  few.startRow(1);
  few.null();
  few.null();
  expect(() => few.frames()).toThrow("Row 1 has 1 values more");
});
