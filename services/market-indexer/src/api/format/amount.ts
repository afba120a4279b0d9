// Amounts for people: the smallest unit, with 18 decimals, as "1.0 ETH" or "0.5 ZKC".

export type Unit = "ETH" | "ZKC";

const DECIMALS = 18;

/** The exact amount: no rounding, no trailing zeros, always one digit after the point. `wei` is a decimal string; null stays null. */
export function formatAmount(wei: string, unit: Unit): string;
export function formatAmount(wei: string | null, unit: Unit): string | null;
export function formatAmount(wei: string | null, unit: Unit): string | null {
  if (wei === null) return null;
  const digits = wei.padStart(DECIMALS + 1, "0");
  const whole = digits.slice(0, -DECIMALS);
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  return `${whole}.${fraction === "" ? "0" : fraction} ${unit}`;
}
