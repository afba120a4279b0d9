// Rows in the binary COPY format, written into one growing buffer per table. PostgreSQL documentation, COPY, "Binary Format".
const HEADER = Buffer.from("5047434f50590aff0d0a000000000000000000", "hex");

export interface CopyRows {
  row(fields: number): void;
  int8(value: number): void;
  int4(value: number): void;
  null(): void;
  text(value: string): void;
  /** bytea (or text, whose bytes are valid UTF-8) from part of a buffer. */
  bytes(source: Uint8Array, start: number, length: number): void;
  /** numeric from a word of 32 bytes, big-endian. */
  numeric(source: Uint8Array, start: number): void;
  /** bytea of `length` bytes that the caller fills; returns where. */
  hole(length: number): readonly [bytes: Uint8Array, at: number];
  readonly rows: number;
  /** The stream with its end, in a buffer of its own; the next row begins a new one. */
  take(): Uint8Array;
}

const LIMBS = new Float64Array(8);
const DIGITS = new Uint16Array(24);

export function createCopyRows(firstBytes: number): CopyRows {
  let buffer = Buffer.allocUnsafeSlow(firstBytes);
  let at = HEADER.copy(buffer);
  let rows = 0;
  const room = (bytes: number): void => {
    if (at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, at + bytes));
    buffer.copy(larger, 0, 0, at);
    buffer = larger;
  };
  const length = (bytes: number): void => {
    room(4 + bytes);
    at = buffer.writeInt32BE(bytes, at);
  };
  return {
    row: (fields) => {
      room(2);
      at = buffer.writeInt16BE(fields, at);
      rows++;
    },
    int8: (value) => {
      length(8);
      buffer.writeUInt32BE(Math.floor(value / 4_294_967_296), at);
      buffer.writeUInt32BE(value >>> 0, at + 4);
      at += 8;
    },
    int4: (value) => {
      length(4);
      at = buffer.writeInt32BE(value, at);
    },
    null: () => {
      room(4);
      at = buffer.writeInt32BE(-1, at);
    },
    text: (value) => {
      length(value.length);
      at += buffer.write(value, at, "latin1");
    },
    bytes: (source, start, count) => {
      length(count);
      if (count <= 64) for (let index = 0; index < count; index++) buffer[at + index] = source[start + index] ?? 0;
      else buffer.set(source.subarray(start, start + count), at);
      at += count;
    },
    numeric: (source, start) => {
      room(80);
      at = writeNumeric(buffer, at, source, start);
    },
    hole: (count) => {
      length(count);
      at += count;
      return [buffer, at - count];
    },
    get rows() {
      return rows;
    },
    take: () => {
      room(2);
      at = buffer.writeInt16BE(-1, at);
      const taken = buffer.subarray(0, at);
      buffer = Buffer.allocUnsafeSlow(Math.max(firstBytes, at));
      at = HEADER.copy(buffer);
      rows = 0;
      return taken;
    },
  };
}

/** Division of eight 32-bit limbs by 10,000 until nothing is left: the base-10,000 digits of numeric_recv, lowest first. */
function writeNumeric(buffer: Buffer, start: number, source: Uint8Array, from: number): number {
  let first = 8;
  for (let limb = 7; limb >= 0; limb--) {
    const byte = from + limb * 4;
    const high = ((source[byte] ?? 0) << 24) | ((source[byte + 1] ?? 0) << 16);
    const value = (high | ((source[byte + 2] ?? 0) << 8) | (source[byte + 3] ?? 0)) >>> 0;
    LIMBS[limb] = value;
    if (value !== 0) first = limb;
  }
  let digits = 0;
  while (first < 8) {
    let rest = 0;
    for (let limb = first; limb < 8; limb++) {
      const value = rest * 4_294_967_296 + (LIMBS[limb] ?? 0);
      const quotient = Math.floor(value / 10_000);
      LIMBS[limb] = quotient;
      rest = value - quotient * 10_000;
    }
    DIGITS[digits++] = rest;
    while (first < 8 && LIMBS[first] === 0) first++;
  }
  let low = 0;
  while (low < digits && DIGITS[low] === 0) low++;
  const kept = digits - low;
  let at = buffer.writeInt32BE(8 + kept * 2, start);
  at = buffer.writeInt16BE(kept, at);
  at = buffer.writeInt16BE(digits === 0 ? 0 : digits - 1, at);
  at = buffer.writeInt32BE(0, at);
  for (let digit = digits - 1; digit >= low; digit--) at = buffer.writeInt16BE(DIGITS[digit] ?? 0, at);
  return at;
}
