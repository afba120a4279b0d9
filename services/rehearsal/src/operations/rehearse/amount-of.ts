// The amount of a row: larger than 64 bits, so that a number that was rounded anywhere would show.

export function amountOf(n: number): bigint {
  return 10n ** 24n + BigInt(n);
}
