// Writing the types that fill one word of 32 bytes. The target is zeroed before, so padding is never written.
import { AbiEncodeError } from "./errors.ts";
import { NUMBER_BITS, type Shape } from "./types.ts";

export type WriteWord = (out: Buffer, at: number, value: unknown) => void;

type WordShape = Extract<Shape, { kind: "uint" | "address" | "bool" | "fixed-bytes" }>;

/** Compiles a writer of the word at a position. `path` names the field in errors. */
export function compileWordWriter(shape: WordShape, path: string): WriteWord {
  switch (shape.kind) {
    case "uint":
      return shape.bits <= NUMBER_BITS ? numberWriter(shape.bits, path) : bigintWriter(shape.bits, path);
    case "address":
      return (out, at, value) => {
        out.set(bytesOf(value, 20, path), at + 12);
      };
    case "bool":
      return (out, at, value) => {
        if (typeof value !== "boolean") throw new AbiEncodeError({ path, reason: "is not a boolean" });
        out[at + 31] = value ? 1 : 0;
      };
    case "fixed-bytes":
      return (out, at, value) => {
        out.set(bytesOf(value, shape.length, path), at);
      };
  }
}

/** Writes a length or an offset. */
export function writeNumber(out: Buffer, at: number, value: number): void {
  out.writeUIntBE(value, at + 26, 6);
}

/** The value as bytes, of exactly `length` when one is given. */
export function bytesOf(value: unknown, length: number | undefined, path: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new AbiEncodeError({ path, reason: "is not a Buffer" });
  if (length !== undefined && value.length !== length) {
    throw new AbiEncodeError({ path, reason: `has ${value.length} bytes instead of ${length}` });
  }
  return value;
}

function numberWriter(bits: number, path: string): WriteWord {
  const max = 2 ** bits - 1;
  return (out, at, value) => {
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) {
      throw new AbiEncodeError({ path, reason: `is not a whole number from 0 to 2^${bits} - 1` });
    }
    writeNumber(out, at, value);
  };
}

function bigintWriter(bits: number, path: string): WriteWord {
  const shift = BigInt(bits);
  return (out, at, value) => {
    if (typeof value !== "bigint" || value < 0n || value >> shift !== 0n) {
      throw new AbiEncodeError({ path, reason: `is not a bigint from 0 to 2^${bits} - 1` });
    }
    out.writeBigUInt64BE(BigInt.asUintN(64, value), at + 24);
    if (value >> 64n === 0n) return;
    out.writeBigUInt64BE(BigInt.asUintN(64, value >> 64n), at + 16);
    out.writeBigUInt64BE(BigInt.asUintN(64, value >> 128n), at + 8);
    out.writeBigUInt64BE(value >> 192n, at);
  };
}
