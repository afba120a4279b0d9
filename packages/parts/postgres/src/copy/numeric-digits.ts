// PostgreSQL's numeric on the wire: sign, and digits in base 10,000. Source: numeric_recv in src/backend/utils/adt/numeric.c.

/** Digits of one value, reused between values. */
export interface NumericDigits {
  /** Base-10,000 digits, most significant first; only the first `count` are of this value. */
  digits: Int16Array;
  /** Without trailing zeros; 0 for zero. */
  count: number;
  /** Power of 10,000 of the first digit. */
  weight: number;
  negative: boolean;
}

/** numeric holds at most 131,072 digits before the decimal point (PostgreSQL documentation, Appendix K). */
export const MAX_NUMERIC_DIGITS = 131_072;

const BASE = 10_000;
const ZERO_CODE = 48;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);

export function createNumericDigits(): NumericDigits {
  return { digits: new Int16Array(20), count: 0, weight: 0, negative: false };
}

/** Splits a whole number into `into`; false when it has more digits than numeric can hold. */
export function splitNumeric(value: bigint, into: NumericDigits): boolean {
  if (value <= MAX_SAFE && value >= -MAX_SAFE) {
    splitSmall(Number(value), into);
    return true;
  }
  return splitLarge(value.toString(), into);
}

/** Up to 2^53: number arithmetic, four digits at most. */
function splitSmall(value: number, into: NumericDigits): void {
  into.negative = value < 0;
  let rest = Math.abs(value);
  const groups = rest < 1e4 ? (rest === 0 ? 0 : 1) : rest < 1e8 ? 2 : rest < 1e12 ? 3 : 4;
  for (let index = groups - 1; index >= 0; index--) {
    const above = Math.floor(rest / BASE);
    into.digits[index] = rest - above * BASE;
    rest = above;
  }
  trim(into, groups);
}

/** Beyond: V8's own conversion to decimal is exact and faster than dividing bigints. */
function splitLarge(text: string, into: NumericDigits): boolean {
  into.negative = text.charCodeAt(0) === 45;
  let at = into.negative ? 1 : 0;
  const length = text.length - at;
  if (length > MAX_NUMERIC_DIGITS) return false;
  const groups = Math.ceil(length / 4);
  if (groups > into.digits.length) into.digits = new Int16Array(groups);
  let end = at + (length % 4 === 0 ? 4 : length % 4);
  for (let index = 0; index < groups; index++) {
    let digit = 0;
    for (; at < end; at++) digit = digit * 10 + text.charCodeAt(at) - ZERO_CODE;
    into.digits[index] = digit;
    end += 4;
  }
  trim(into, groups);
  return true;
}

/** Amounts in wei end in many zeros; the weight already says where the digits stand. */
function trim(into: NumericDigits, groups: number): void {
  let count = groups;
  while (count > 0 && into.digits[count - 1] === 0) count--;
  into.count = count;
  into.weight = groups === 0 ? 0 : groups - 1;
}
