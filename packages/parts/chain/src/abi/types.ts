// The ABI types, described by values whose TypeScript type is the type of what they decode to:
//   const offer = struct("Offer", { minPrice: uint(256), timeout: uint(32) });
//   type Offer = ValueOf<typeof offer>;  // { readonly minPrice: bigint; readonly timeout: number }
// Signed integers, fixed-point numbers and function pointers are left out: no contract here has them.
import { AbiTypeInvalid } from "./errors.ts";

/** What a compiler needs to know about a type. */
export type Shape =
  | { readonly kind: "uint"; readonly bits: number }
  | { readonly kind: "address" }
  | { readonly kind: "bool" }
  | { readonly kind: "fixed-bytes"; readonly length: number }
  | { readonly kind: "bytes" }
  | { readonly kind: "string" }
  | { readonly kind: "array"; readonly item: AbiType; readonly length: number | undefined }
  | { readonly kind: "struct"; readonly name: string; readonly fields: AbiFields };

export interface AbiType<V = unknown> {
  readonly shape: Shape;
  /** As it stands in a signature: "uint256", "(address,uint96)[]". */
  readonly signature: string;
  /** Dynamic types have an offset in the head and their content in the tail. */
  readonly isDynamic: boolean;
  /** Bytes in the head: 32 for a dynamic type. */
  readonly headBytes: number;
  /** Never set: carries V for `ValueOf`. */
  readonly valueType?: V;
}

/** Named types in ABI order, which is the order of the keys. */
export type AbiFields = Readonly<Record<string, AbiType>>;

/** The TypeScript type of a decoded value. */
export type ValueOf<T> = T extends AbiType<infer V> ? V : never;

/** The TypeScript type of decoded fields. */
export type ValuesOf<F extends AbiFields> = { readonly [K in keyof F]: ValueOf<F[K]> };

type NumberBits = 8 | 16 | 24 | 32 | 40 | 48;

/** uint8 to uint48 are a number, wider ones a bigint: widths decide, never values. */
export function uint<B extends number>(bits: B): AbiType<B extends NumberBits ? number : bigint> {
  if (!Number.isInteger(bits) || bits < 8 || bits > 256 || bits % 8 !== 0) {
    throw new AbiTypeInvalid({ type: `uint${bits}`, reason: "must have 8 to 256 bits, a multiple of 8" });
  }
  return { shape: { kind: "uint", bits }, signature: `uint${bits}`, isDynamic: false, headBytes: 32 };
}

/** Largest uint that decodes to a number. */
export const NUMBER_BITS = 48;

/** 20 bytes. */
export const address: AbiType<Buffer> = word("address", { kind: "address" });

export const bool: AbiType<boolean> = word("bool", { kind: "bool" });

/** Any number of bytes. */
export const bytes: AbiType<Buffer> = {
  shape: { kind: "bytes" },
  signature: "bytes",
  isDynamic: true,
  headBytes: 32,
};

/** The bytes of a string, as they are: Solidity does not promise UTF-8, so making text of them is the caller's choice. */
export const string: AbiType<Buffer> = {
  shape: { kind: "string" },
  signature: "string",
  isDynamic: true,
  headBytes: 32,
};

/** bytes1 to bytes32: exactly `length` bytes. */
export function fixedBytes(length: number): AbiType<Buffer> {
  if (!Number.isInteger(length) || length < 1 || length > 32) {
    throw new AbiTypeInvalid({ type: `bytes${length}`, reason: "must have 1 to 32 bytes" });
  }
  return word(`bytes${length}`, { kind: "fixed-bytes", length });
}

/** `item[]`, or `item[length]` when a length is given. */
export function arrayOf<V>(item: AbiType<V>, length?: number): AbiType<readonly V[]> {
  if (length !== undefined && (!Number.isInteger(length) || length < 1)) {
    throw new AbiTypeInvalid({ type: `${item.signature}[${length}]`, reason: "must have at least one item" });
  }
  const isDynamic = length === undefined || item.isDynamic;
  return {
    shape: { kind: "array", item, length },
    signature: `${item.signature}[${length ?? ""}]`,
    isDynamic,
    headBytes: isDynamic ? 32 : (length ?? 0) * item.headBytes,
  };
}

/** A struct; the name and the fields' names count for EIP-712 alone. */
export function struct<F extends AbiFields>(name: string, fields: F): AbiType<ValuesOf<F>> {
  checkFields(name, fields);
  const types = Object.values(fields);
  if (types.length === 0) throw new AbiTypeInvalid({ type: name, reason: "has no field" });
  const isDynamic = types.some((type) => type.isDynamic);
  return {
    shape: { kind: "struct", name, fields },
    signature: tupleSignature(fields),
    isDynamic,
    headBytes: isDynamic ? 32 : headBytesOf(fields),
  };
}

/** "(uint256,address)". */
export function tupleSignature(fields: AbiFields): string {
  return `(${Object.values(fields)
    .map((type) => type.signature)
    .join(",")})`;
}

/** Bytes of the head of a tuple with these fields. */
function headBytesOf(fields: AbiFields): number {
  return Object.values(fields).reduce((sum, type) => sum + type.headBytes, 0);
}

/**
 * Refuses names that are not Solidity identifiers, which also keeps the order of keys: JavaScript moves keys like "0" forward.
 * `__proto__` is one of the identifiers that cannot be an own key.
 */
export function checkFields(owner: string, fields: AbiFields): void {
  for (const name of Object.keys(fields)) {
    if (!/^[A-Za-z_$][\w$]*$/.test(name) || name === "__proto__") {
      throw new AbiTypeInvalid({ type: owner, reason: `has a field named "${name}", which is not an identifier` });
    }
  }
}

function word<V>(signature: string, shape: Shape): AbiType<V> {
  return { shape, signature, isDynamic: false, headBytes: 32 };
}
