// The logs bloom of a block header: 2,048 bits, three for each address and topic of its logs. Yellow Paper, section 4.3.1.
import { hexToBuffer } from "../abi/hex.ts";
import { keccak256 } from "../keccak/keccak256.ts";

const BYTES = 256;

/** The three bits of a value. */
export type BloomBits = readonly [number, number, number];

/** The bits of an address (20 bytes) or a topic (32 bytes); costs one hash. */
export function bloomBitsOf(value: Uint8Array): BloomBits {
  const hash = keccak256(value);
  return [hash.readUInt16BE(0) & 2047, hash.readUInt16BE(2) & 2047, hash.readUInt16BE(4) & 2047];
}

/** 256 bytes of "0x…"; throws RangeError on any other length. */
export function parseBloom(hex: string): Buffer {
  const bloom = hexToBuffer(hex, "the logs bloom");
  if (bloom.length !== BYTES) throw new RangeError(`a logs bloom has ${bloom.length} bytes, not ${BYTES}`);
  return bloom;
}

/** False: no log of the block has the value. True: one may have it. */
export function bloomHas(bloom: Uint8Array, [first, second, third]: BloomBits): boolean {
  return hasBit(bloom, first) && hasBit(bloom, second) && hasBit(bloom, third);
}

function hasBit(bloom: Uint8Array, bit: number): boolean {
  return ((bloom[BYTES - 1 - (bit >> 3)] ?? 0) & (1 << (bit & 7))) !== 0;
}

/** How much of it is set, 0 to 1; its third power is the chance that it has a value that no log has. */
export function bloomFill(bloom: Uint8Array): number {
  let set = 0;
  for (const byte of bloom) for (let rest = byte; rest !== 0; rest &= rest - 1) set++;
  return set / (BYTES * 8);
}

/** The bloom that these logs make; addresses and topics are "0x…". */
export function bloomOfLogs(logs: Iterable<{ readonly address: string; readonly topics: readonly string[] }>): Buffer {
  const bloom = Buffer.alloc(BYTES);
  const values = new Set<string>();
  for (const { address, topics } of logs) for (const value of [address, ...topics]) values.add(value);
  for (const value of values) {
    for (const bit of bloomBitsOf(hexToBuffer(value))) {
      const at = BYTES - 1 - (bit >> 3);
      bloom[at] = (bloom[at] ?? 0) | (1 << (bit & 7));
    }
  }
  return bloom;
}
