// Integers in JSON, to the last digit. A requestor may choose times near 2^64, and a JavaScript number ends at 2^53.

// ECMAScript 2025, in Node since 21; TypeScript's library does not declare it yet.
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/**
 * The value as JSON writes it. Within ±(2^53 - 1) that is a plain number; beyond, an object which `JSON.stringify` writes as
 * the exact digits. The cast keeps that object out of everybody's types: it is only ever serialised.
 */
export function exactInteger(value: bigint): number {
  const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return isSafe ? Number(value) : (rawJSON(value.toString()) as number);
}
