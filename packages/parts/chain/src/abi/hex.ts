// Hexadecimal text with 0x, as JSON-RPC carries bytes.
import { AbiDecodeError } from "./errors.ts";

/** "0x" and an even number of hexadecimal digits to bytes; throws AbiDecodeError on anything else. */
export function hexToBuffer(hex: string, path = "the text"): Buffer {
  if (!hex.startsWith("0x")) throw new AbiDecodeError({ path, reason: "does not begin with 0x" });
  const bytes = Buffer.from(hex.slice(2), "hex");
  // Buffer.from stops at the first bad digit without a word.
  if (bytes.length * 2 !== hex.length - 2) {
    throw new AbiDecodeError({ path, reason: "is not an even number of hexadecimal digits" });
  }
  return bytes;
}

/** Bytes to "0x…" in lower case. */
export function bufferToHex(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex")}`;
}
