// A JSON text read where its bytes lie, without making values of what is not needed. Strict: what a machine does not usually write (white space,
// escapes, capital digits) is UNUSUAL, and left to JSON.parse.
import type { Hex } from "./parse.ts";

/** Thrown where the text is not written as usual; one for all, as whoever catches it needs no more. */
export const UNUSUAL = new Error("This text is written in an unusual way.");

export const COMMA = 0x2c;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const LINE_FEED = 0x0a;
const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** Below it are control characters, which no JSON text has. */
const SPACE = 0x20;

/** Value of a lower-case hexadecimal digit; 255 for any other byte. */
const DIGITS = new Uint8Array(256).fill(255);
for (const [value, digit] of Buffer.from("0123456789abcdef").entries()) DIGITS[digit] = value;

export interface Cursor {
  readonly body: Buffer;
  at: number;
}

/** A text that was read, and where: the next one is often the same. */
export interface LastText {
  at: number;
  text: Hex;
}

/** What stands in a JSON text, byte by byte: `"address":`. */
export const token = (text: string): Buffer => Buffer.from(text, "latin1");

/** "0x…" of so many digits, all lower case. */
export function readText(cursor: Cursor, digits: number): Hex {
  const { body, at } = cursor;
  const from = at + 3;
  const end = from + digits;
  if (!isHexAt(body, at) || body[end] !== QUOTE) throw UNUSUAL;
  for (let index = from; index < end; index++) if ((DIGITS[body[index] ?? 0] ?? 255) > 15) throw UNUSUAL;
  cursor.at = end + 1;
  return body.toString("latin1", at + 1, end) as Hex;
}

/** The same, and the text of the log before where the digits are its. */
export function readSame(cursor: Cursor, last: LastText, digits: number): Hex {
  const { body, at } = cursor;
  const length = digits + 4;
  if (last.at >= 0 && isSameAt(body, at, last.at, length)) {
    cursor.at = at + length;
    return last.text;
  }
  last.text = readText(cursor, digits);
  last.at = at;
  return last.text;
}

/** Where the digits of "0x…" end, an even number of them; the digits themselves are not looked at. */
export function findHexEnd({ body, at }: Cursor): number {
  if (!isHexAt(body, at)) throw UNUSUAL;
  const end = body.indexOf(QUOTE, at + 3);
  if (end < 0 || (end - at) % 2 === 0) throw UNUSUAL;
  return end;
}

/** "0x…" of at most so many digits; exact up to 13. */
export function readQuantity(cursor: Cursor, mostDigits: number): number {
  const { body, at } = cursor;
  if (!isHexAt(body, at)) throw UNUSUAL;
  let value = 0;
  let index = at + 3;
  for (; index - at - 3 < mostDigits; index++) {
    const digit = DIGITS[body[index] ?? 0] ?? 255;
    if (digit > 15) break;
    value = value * 16 + digit;
  }
  if (index === at + 3 || body[index] !== QUOTE) throw UNUSUAL;
  cursor.at = index + 1;
  return value;
}

/** A number, true, false or null, as it is written. */
export function readBare(cursor: Cursor): string {
  const from = cursor.at;
  while (isBare(cursor.body[cursor.at])) cursor.at++;
  if (cursor.at === from) throw UNUSUAL;
  return cursor.body.toString("latin1", from, cursor.at);
}

/** Letters, digits, and the signs in numbers. */
function isBare(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39) || byte === 0x2d || byte === 0x2e;
}

const BARE = /^(?:null|true|false|-?(?:0|[1-9][0-9]*))$/;

/** A text without escapes, or a bare value; what is nested, is unusual. */
export function skipValue(cursor: Cursor): void {
  if (cursor.body[cursor.at] === QUOTE) skipText(cursor);
  else if (!BARE.test(readBare(cursor))) throw UNUSUAL;
}

export function skipKey(cursor: Cursor): void {
  skipText(cursor);
  expectByte(cursor, COLON);
}

function skipText(cursor: Cursor): void {
  const { body } = cursor;
  expectByte(cursor, QUOTE);
  const end = body.indexOf(QUOTE, cursor.at);
  if (end < 0) throw UNUSUAL;
  for (let index = cursor.at; index < end; index++) {
    const byte = body[index] ?? 0;
    if (byte === BACKSLASH || byte < SPACE) throw UNUSUAL;
  }
  cursor.at = end + 1;
}

export function skipByte(cursor: Cursor, byte: number): boolean {
  if (cursor.body[cursor.at] !== byte) return false;
  cursor.at++;
  return true;
}

export function expectByte(cursor: Cursor, byte: number): void {
  if (!skipByte(cursor, byte)) throw UNUSUAL;
}

export function skipToken(cursor: Cursor, written: Buffer): boolean {
  const { body, at } = cursor;
  const { length } = written;
  for (let index = 0; index < length; index++) if (body[at + index] !== written[index]) return false;
  cursor.at = at + length;
  return true;
}

/** `"0x` */
function isHexAt(body: Buffer, at: number): boolean {
  return body[at] === QUOTE && body[at + 1] === 0x30 && body[at + 2] === 0x78;
}

function isSameAt(body: Buffer, at: number, other: number, length: number): boolean {
  for (let index = 0; index < length; index++) if (body[at + index] !== body[other + index]) return false;
  return true;
}
