// The hash of Ethereum: Keccak-256 as submitted to NIST, before SHA-3 changed the padding.
import { keccak_256 } from "@noble/hashes/sha3.js";

/** 32 bytes; a string is hashed as UTF-8. */
export function keccak256(data: Uint8Array | string): Buffer {
  const hash = keccak_256(typeof data === "string" ? Buffer.from(data, "utf8") : data);
  return Buffer.from(hash.buffer, hash.byteOffset, hash.byteLength);
}
