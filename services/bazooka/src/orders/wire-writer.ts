// Protocol Buffers' wire format, written straight into one buffer. Source: protobuf.dev, "Encoding".

const SEVEN = 0x7f;
const MORE = 0x80;

/** Bytes that 32 bits take as a varint; with or without a sign, they are the same bits. */
export function varint32Size(value: number): number {
  return ((38 - Math.clz32(value | 1)) / 7) | 0;
}

/** Messages share a slab: a view is cheaper than a copy each. A slab lives as long as any message in it. */
const SLAB_BYTES = 65_536;

export class WireWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  at = 0;

  /** Room for `size` bytes more; call once before writing a message of at most that size. Gives where the message begins. */
  begin(size: number): number {
    if (this.at + size > this.bytes.length) {
      this.bytes = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, size));
      this.at = 0;
    }
    return this.at;
  }

  /** The message that began at `start`. Nothing is written over it afterwards. */
  end(start: number): Buffer {
    return this.bytes.subarray(start, this.at);
  }

  byte(value: number): void {
    this.bytes[this.at++] = value;
  }

  varint32(value: number): void {
    const { bytes } = this;
    let { at } = this;
    let rest = value;
    while ((rest & ~SEVEN) !== 0) {
      bytes[at++] = (rest & SEVEN) | MORE;
      rest >>>= 7;
    }
    bytes[at] = rest;
    this.at = at + 1;
  }

  varint64(low: number, high: number): void {
    const { bytes } = this;
    let { at } = this;
    let lo = low;
    let hi = high;
    while (hi !== 0) {
      bytes[at++] = (lo & SEVEN) | MORE;
      lo = (lo >>> 7) | (hi << 25);
      hi >>>= 7;
    }
    this.at = at;
    this.varint32(lo);
  }

  fixed32(value: number): void {
    const { bytes, at } = this;
    bytes[at] = value;
    bytes[at + 1] = value >>> 8;
    bytes[at + 2] = value >>> 16;
    bytes[at + 3] = value >>> 24;
    this.at = at + 4;
  }

  /** UTF-8 without its length. */
  text(value: string): void {
    this.at += this.bytes.write(value, this.at, "utf8");
  }

  copyFrom(source: Buffer): void {
    this.bytes.set(source, this.at);
    this.at += source.length;
  }
}
