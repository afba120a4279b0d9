// Strict readers of what JSON-RPC results are made of. They throw TypeError, which the client turns into RpcBadAnswer with the
// method and the endpoint. Hand-written rather than schemas: logs and transactions come by the hundred thousand.
// Hashes, addresses and data stay "0x…" text in lower case; numbers of blocks, times and amounts become bigint.

/** 0x and hexadecimal digits. */
export type Hex = `0x${string}`;

const LARGEST_NUMBER = 2n ** 63n - 1n;
const LARGEST_INDEX = 2 ** 31 - 1;

export function parseQuantity(value: unknown, what: string): bigint {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,64}$/i.test(value)) throw wrong(what, "a quantity", value);
  return BigInt(value);
}

/** A quantity that is a block's number or a time: at most 63 bits, as databases hold them. */
export function parseNumber(value: unknown, what: string): bigint {
  const number = parseQuantity(value, what);
  if (number > LARGEST_NUMBER) throw wrong(what, "a quantity of at most 63 bits", value);
  return number;
}

/** A quantity that is an index or a count: at most 31 bits, as databases hold them. */
export function parseIndex(value: unknown, what: string): number {
  if (typeof value !== "string" || !/^0x[0-9a-f]{1,8}$/i.test(value) || Number(value) > LARGEST_INDEX) {
    throw wrong(what, "a small quantity", value);
  }
  return Number(value);
}

export function parseHash(value: unknown, what: string): Hex {
  if (typeof value !== "string" || !/^0x[0-9a-f]{64}$/i.test(value)) throw wrong(what, "32 bytes", value);
  return value.toLowerCase() as Hex;
}

export function parseAddress(value: unknown, what: string): Hex {
  if (typeof value !== "string" || !/^0x[0-9a-f]{40}$/i.test(value)) throw wrong(what, "an address", value);
  return value.toLowerCase() as Hex;
}

/** Bytes of any length. Only the frame is checked: who decodes them reads every digit anyway. */
export function parseData(value: unknown, what: string): Hex {
  if (typeof value !== "string" || !value.startsWith("0x") || value.length % 2 !== 0) throw wrong(what, "bytes", value);
  return value as Hex;
}

export function parseObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(what, "an object", value);
  return value as Readonly<Record<string, unknown>>;
}

export function parseList(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(what, "a list", value);
  return value;
}

/** A reader that lets null (the node does not know it) through. */
export function orNull<T>(parse: (value: unknown) => T): (value: unknown) => T | null {
  return (value) => (value === null || value === undefined ? null : parse(value));
}

function wrong(what: string, expected: string, value: unknown): TypeError {
  const shown = JSON.stringify(value) ?? "nothing";
  return new TypeError(`${what} is not ${expected}: ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}`);
}
