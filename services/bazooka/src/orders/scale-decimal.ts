// Exact decimal shifting: text × 10^n to an unsigned 64-bit integer, or a reason why it is none.
import type { Uint64 } from "./indexer-order.ts";

const TWO_32 = 4_294_967_296;
const MAX_UINT64 = 18_446_744_073_709_551_615n;
/** Digits of the greatest. */
const UINT64_DIGITS = 20;
/** No market has a resolution near it; beyond, the zeros alone would fill the memory. */
const MAX_EXPONENT = 100;
/** Of a number, in a message. */
const SHOWN_DIGITS = 40;
/** Decimal digits that a double holds exactly. */
const EXACT_DIGITS = 15;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/** `scaleDecimal("25.5", 10)` is 255000000000. Text in the place of a number says what is wrong: "1.5 is no whole number". */
export function scaleDecimal(text: string, exponent: number): Uint64 | string {
  const digits = shiftedDigits(text, exponent);
  if (typeof digits !== "object") return digits;
  const { whole } = digits;
  if (whole.length <= EXACT_DIGITS) {
    const value = Number(whole);
    return { low: (value % TWO_32) | 0, high: (value / TWO_32) | 0 };
  }
  const value = whole.length > UINT64_DIGITS ? MAX_UINT64 + 1n : BigInt(whole);
  if (value > MAX_UINT64) return `${shown(whole)} is more than 64 bits hold`;
  return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)) };
}

/** The digits of text × 10^exponent, when that is a whole number from 0. */
function shiftedDigits(text: string, exponent: number): { readonly whole: string } | string {
  // PostgreSQL writes numeric without an exponent; NaN and Infinity are no numbers here.
  const match = DECIMAL.exec(text);
  if (match === null) return `${JSON.stringify(shown(text))} is no decimal number`;
  if (Math.abs(exponent) > MAX_EXPONENT) return `${shown(text)} × 10^${exponent} is beyond any order`;
  const [, sign = "", integer = "", fraction = ""] = match;
  const point = integer.length + exponent;
  const all = integer + fraction;
  const whole = point >= all.length ? all + "0".repeat(point - all.length) : all.slice(0, Math.max(0, point));
  const rest = point >= all.length ? "" : point < 0 ? "0".repeat(-point) + all : all.slice(point);
  if (!isZero(rest)) return `${shown(text)} × 10^${exponent} is no whole number`;
  const trimmed = trimZeros(whole);
  if (sign === "-" && trimmed !== "0") return `${shown(text)} is negative`;
  return { whole: trimmed };
}

const shown = (text: string): string => (text.length > SHOWN_DIGITS ? `${text.slice(0, SHOWN_DIGITS)}…` : text);

function isZero(digits: string): boolean {
  for (let index = 0; index < digits.length; index++) if (digits.charCodeAt(index) !== 48) return false;
  return true;
}

function trimZeros(digits: string): string {
  let start = 0;
  while (start < digits.length - 1 && digits.charCodeAt(start) === 48) start++;
  return digits.length === 0 ? "0" : digits.slice(start);
}
