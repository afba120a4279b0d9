// Bytes in JSON: 0x and lower-case hexadecimal digits, always.

/** All bytes, zeros in front included; null stays null. */
export function toHex(bytes: Buffer): string;
export function toHex(bytes: Buffer | null): string | null;
export function toHex(bytes: Buffer | null): string | null {
  return bytes === null ? null : `0x${bytes.toString("hex")}`;
}

/** A request id is a number: without zeros in front, `0x0` for zero. */
export function requestIdToHex(id: Buffer): string {
  const digits = id.toString("hex").replace(/^0+/, "");
  return `0x${digits === "" ? "0" : digits}`;
}

/** What `requestIdFromHex` accepts. */
export const REQUEST_ID_FORM = /^(?:0[xX])?[0-9a-fA-F]{1,64}$/;

/** Text in REQUEST_ID_FORM to the 32 bytes that are stored. */
export function requestIdFromHex(text: string): Buffer {
  const digits = text.replace(/^0[xX]/, "");
  return Buffer.from(digits.padStart(64, "0"), "hex");
}
