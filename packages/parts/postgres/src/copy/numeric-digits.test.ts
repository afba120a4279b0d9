import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createNumericDigits, splitNumeric, type NumericDigits } from "./numeric-digits.ts";

/** The value that PostgreSQL reads from the digits: sum of digit × 10,000^(weight − index). */
function valueOf(split: NumericDigits): bigint {
  let value = 0n;
  for (let index = 0; index < split.count; index++) {
    value += BigInt(split.digits[index] ?? 0) * 10_000n ** BigInt(split.weight - index);
  }
  return split.negative ? -value : value;
}

test.each([
  0n,
  1n,
  -1n,
  9_999n,
  10_000n,
  10n ** 15n,
  2n ** 53n - 1n,
  2n ** 53n,
  -(2n ** 53n),
  10n ** 77n,
  2n ** 256n - 1n,
])("%d keeps its value", (value) => {
  const split = createNumericDigits();
  expect(splitNumeric(value, split)).toBe(true);
  expect(valueOf(split)).toBe(value);
});

/** Few digits and many zeros. */
const wei = fc
  .tuple(fc.bigInt(1n, 10n ** 6n), fc.integer({ min: 0, max: 70 }))
  .map(([n, zeros]) => n * 10n ** BigInt(zeros));

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

test(`any whole number keeps its value, and its digits end without zeros (SEED=${seed})`, () => {
  const split = createNumericDigits();
  const value = fc.oneof(fc.bigInt(), fc.bigInt({ min: -(10n ** 200n), max: 10n ** 200n }), wei);
  fc.assert(
    fc.property(value, (value) => {
      splitNumeric(value, split);
      expect(valueOf(split)).toBe(value);
      if (split.count > 0) expect(split.digits[split.count - 1]).not.toBe(0);
    }),
    { seed },
  );
});

test("refuses what numeric cannot hold", () => {
  const split = createNumericDigits();
  expect(splitNumeric(10n ** 131_071n, split)).toBe(true);
  expect(splitNumeric(10n ** 131_072n, split)).toBe(false);
});
