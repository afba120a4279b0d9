// The journal's encoding: JSON, with everything that JSON loses written as a tag, so that what is read is what was written.
import { TidegateError, type Secret } from "@tidegate/kernel";
import { NotRecordable } from "../errors/operation-errors.ts";

/**
 * Format: JSON. A value that JSON has no form for is `{"$":[TAG, …]}`: `["n", "123"]` bigint, `["d", ISO or null]` Date, `["u"]` undefined,
 * `["f", "NaN" | "Infinity" | "-Infinity" | "-0"]` number, `["b", base64]` Uint8Array, `["m", [[k, v], …]]` Map, `["s", [v, …]]` Set,
 * `["o", [[k, v], …]]` an object with a key `$` or `__proto__`. No plain object of ours has the key `$`, so tags cannot be forged.
 */
const TAG = "$";

export interface EncodeOptions {
  /** Subject of the error: "The result of step `x`". */
  readonly what: string;
  /** Their revealed values must not stand in any string. */
  readonly secrets?: readonly Secret[];
}

/** Shorter secrets would be found in innocent text. */
const SHORTEST_SECRET = 4;
const DEEPEST = 200;

/** Throws NotRecordable, with the path, for what could not be read back the same, and for secrets. A Buffer comes back as a Uint8Array. */
export function encode(value: unknown, options: EncodeOptions): string {
  const secrets = (options.secrets ?? []).map((one) => one.reveal()).filter((text) => text.length >= SHORTEST_SECRET);
  const refuse = (path: string, problem: string): never => {
    throw new NotRecordable({ what: options.what, path: path === "" ? "(value)" : path, problem });
  };
  return JSON.stringify(pack(value, "", { secrets, refuse, above: [] }));
}

export function decode(text: string): unknown {
  return unpack(JSON.parse(text));
}

interface Packing {
  readonly secrets: readonly string[];
  readonly refuse: (path: string, problem: string) => never;
  /** The objects around this one: a cycle meets one of them again. */
  readonly above: object[];
}

function pack(value: unknown, path: string, packing: Packing): unknown {
  switch (typeof value) {
    case "string":
      if (packing.secrets.some((secret) => value.includes(secret))) packing.refuse(path, "holds a secret");
      return value;
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : tagged("f", Object.is(value, -0) ? "-0" : String(value));
    case "bigint":
      return tagged("n", value.toString());
    case "undefined":
      return tagged("u");
    case "object":
      return value === null ? null : packObject(value, path, packing);
    case "function":
    case "symbol":
    default:
      return packing.refuse(path, `is a ${typeof value}`);
  }
}

function tagged(...parts: readonly unknown[]): object {
  return { [TAG]: parts };
}

function packObject(value: object, path: string, packing: Packing): unknown {
  if (value instanceof Date) return tagged("d", Number.isNaN(value.getTime()) ? null : value.toISOString());
  if (value instanceof Uint8Array)
    return tagged("b", Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64"));
  if (packing.above.includes(value)) return packing.refuse(path, "contains itself");
  if (packing.above.length >= DEEPEST) return packing.refuse(path, `is nested deeper than ${DEEPEST}`);
  packing.above.push(value);
  try {
    if (Array.isArray(value))
      return Array.from(value, (item: unknown, index) => pack(item, `${path}[${index}]`, packing));
    const pairs = (entries: Iterable<[unknown, unknown]>): unknown[] =>
      Array.from(entries, ([key, item]) => [
        pack(key, `${path}(key)`, packing),
        pack(item, `${path}.${String(key)}`, packing),
      ]);
    if (value instanceof Map) return tagged("m", pairs(value));
    if (value instanceof Set)
      return tagged(
        "s",
        Array.from(value, (item: unknown) => pack(item, `${path}(item)`, packing)),
      );
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      return packing.refuse(path, `is a ${value.constructor.name || "class instance"}, not plain data`);
    }
    const entries = Object.entries(value);
    if (entries.some(([key]) => key === TAG || key === "__proto__")) return tagged("o", pairs(entries));
    return Object.fromEntries(
      entries.map(([key, item]) => [key, pack(item, path === "" ? key : `${path}.${key}`, packing)]),
    );
  } finally {
    packing.above.pop();
  }
}

function unpack(value: unknown): unknown {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(unpack);
  const tag = (value as { readonly [TAG]?: readonly [string, never] })[TAG];
  if (tag !== undefined) return UNPACK[tag[0]]?.(tag[1]);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpack(item)]));
}

type Pairs = ReadonlyArray<readonly [unknown, unknown]>;

// Written by `pack` alone, so each tag has its own kind of content.
const UNPACK: Readonly<Record<string, (content: never) => unknown>> = {
  n: (text: string) => BigInt(text),
  d: (iso: string | null) => new Date(iso ?? Number.NaN),
  u: () => undefined,
  f: (text: string) => Number(text),
  b: (text: string) => new Uint8Array(Buffer.from(text, "base64")),
  m: (pairs: Pairs) => new Map(pairs.map(([key, item]) => [unpack(key), unpack(item)])),
  s: (items: readonly unknown[]) => new Set(items.map(unpack)),
  o: (pairs: Pairs) => {
    const object: Record<string, unknown> = {};
    for (const [key, item] of pairs) {
      const property = { value: unpack(item), enumerable: true, writable: true, configurable: true };
      Object.defineProperty(object, String(unpack(key)), property);
    }
    return object;
  },
};

/** True for what `encode` takes without secrets; for details of errors, which must be recorded in some form. */
export function isRecordable(value: unknown): boolean {
  try {
    encode(value, { what: "It" });
    return true;
  } catch (error) {
    if (error instanceof TidegateError) return false;
    throw error;
  }
}
