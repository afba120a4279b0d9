// Reading the types that fill one word of 32 bytes, as strictly as Solidity's ABI coder v2: bits outside the type are refused.
import { AbiDecodeError } from "./errors.ts";
import { NUMBER_BITS, type Shape } from "./types.ts";

/** The data and how much of them may still be read. */
export interface Source {
  readonly data: Buffer;
  /**
   * Bytes not yet read. Each byte is read once in an honest encoding, so this bounds time and memory: without it, nested arrays
   * whose offsets all lead to the same bytes make a short input decode to gigabytes.
   */
  unread: number;
}

export type ReadWord = (source: Source, at: number) => unknown;

type WordShape = Extract<Shape, { kind: "uint" | "address" | "bool" | "fixed-bytes" }>;

/** Compiles a reader of the word at a position. `path` names the field in errors. */
export function compileWordReader(shape: WordShape, path: string): ReadWord {
  switch (shape.kind) {
    case "uint":
      return shape.bits <= NUMBER_BITS ? numberReader(shape.bits, path) : bigintReader(shape.bits, path);
    case "address":
      return (source, at) => {
        takeWord(source, at, path);
        if (!isZero(source.data, at, 12)) throw new AbiDecodeError({ path, reason: "has bits outside an address" });
        return source.data.subarray(at + 12, at + 32);
      };
    case "bool":
      return (source, at) => {
        const value = readNumber(source, at, path);
        if (value > 1) throw new AbiDecodeError({ path, reason: "is neither 0 nor 1" });
        return value === 1;
      };
    case "fixed-bytes":
      return (source, at) => {
        takeWord(source, at, path);
        if (!isZero(source.data, at + shape.length, 32 - shape.length)) {
          throw new AbiDecodeError({ path, reason: `has bits outside bytes${shape.length}` });
        }
        return source.data.subarray(at, at + shape.length);
      };
  }
}

/** Reads a word that must fit 53 bits: small integers, and the lengths and offsets that an attacker may choose. */
export function readNumber(source: Source, at: number, path: string): number {
  takeWord(source, at, path);
  const { data } = source;
  const high = data.readUInt32BE(at + 24);
  if (high > 0x1fffff || !isZero(data, at, 24)) throw new AbiDecodeError({ path, reason: "is too large" });
  return high * 4_294_967_296 + data.readUInt32BE(at + 28);
}

/** Counts bytes as read, and refuses what lies outside the data or was counted before. */
export function take(source: Source, at: number, length: number, path: string): void {
  if (at + length > source.data.length) throw new AbiDecodeError({ path, reason: "lies outside the data" });
  source.unread -= length;
  if (source.unread < 0) throw new AbiDecodeError({ path, reason: "overlaps other fields" });
}

function takeWord(source: Source, at: number, path: string): void {
  take(source, at, 32, path);
}

function numberReader(bits: number, path: string): ReadWord {
  const max = 2 ** bits - 1;
  return (source, at) => {
    const value = readNumber(source, at, path);
    if (value > max) throw new AbiDecodeError({ path, reason: `does not fit uint${bits}` });
    return value;
  };
}

function bigintReader(bits: number, path: string): ReadWord {
  const shift = BigInt(bits);
  return (source, at) => {
    takeWord(source, at, path);
    const { data } = source;
    const low = data.readBigUInt64BE(at + 24);
    // Most amounts fit 64 bits; four 64-bit halves joined cost four times as much.
    const value = isZero(data, at, 24) ? low : (readHigh(data, at) << 64n) | low;
    if (bits < 256 && value >> shift !== 0n) throw new AbiDecodeError({ path, reason: `does not fit uint${bits}` });
    return value;
  };
}

function readHigh(data: Buffer, at: number): bigint {
  return (((data.readBigUInt64BE(at) << 64n) | data.readBigUInt64BE(at + 8)) << 64n) | data.readBigUInt64BE(at + 16);
}

function isZero(data: Buffer, at: number, length: number): boolean {
  for (let index = at; index < at + length; index++) if (data[index] !== 0) return false;
  return true;
}
