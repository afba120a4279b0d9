// Compiles a type to a closure that reads it: all decisions about types are taken once, none per value.
// Layout: https://docs.soliditylang.org/en/latest/abi-spec.html#formal-specification-of-the-encoding
import { AbiDecodeError } from "./errors.ts";
import { compileWordReader, readNumber, take, type Source } from "./read-word.ts";
import type { AbiFields, AbiType } from "./types.ts";

/** Reads a value whose head is at `at`; offsets in it count from `base`, the start of the tuple that it stands in. */
export type Read = (source: Source, base: number, at: number) => unknown;

/** Reads what an offset led to. */
type ReadContent = (source: Source, start: number) => unknown;

export function compileReader(type: AbiType, path: string): Read {
  const { shape } = type;
  switch (shape.kind) {
    case "uint":
    case "address":
    case "bool":
    case "fixed-bytes": {
      const readWord = compileWordReader(shape, path);
      return (source, _base, at) => readWord(source, at);
    }
    case "bytes":
    case "string":
      return followOffset(bytesReader(path), path);
    case "array":
      return shape.length === undefined
        ? followOffset(listReader(shape.item, path), path)
        : placed(type, fixedListReader(shape.item, shape.length, path), path);
    case "struct":
      return placed(type, compileFieldsReader(shape.fields, path), path);
  }
}

/** Reads fields that stand one after the other from `start`, which is also the base of their offsets. */
export function compileFieldsReader(fields: AbiFields, path: string): (source: Source, start: number) => object {
  let headAt = 0;
  const steps = Object.entries(fields).map(([name, type]) => {
    const step = { name, headAt, read: compileReader(type, path === "" ? name : `${path}.${name}`) };
    headAt += type.headBytes;
    return step;
  });
  return (source, start) => {
    const value: Record<string, unknown> = {};
    for (const { name, headAt, read } of steps) value[name] = read(source, start, start + headAt);
    return value;
  };
}

/** A static type stands where it is; a dynamic one where its offset says. */
function placed(type: AbiType, read: ReadContent, path: string): Read {
  return type.isDynamic ? followOffset(read, path) : (source, _base, at) => read(source, at);
}

function followOffset(read: ReadContent, path: string): Read {
  return (source, base, at) => read(source, base + readNumber(source, at, path));
}

function bytesReader(path: string): ReadContent {
  return (source, start) => {
    const length = readNumber(source, start, path);
    take(source, start + 32, length, path);
    return source.data.subarray(start + 32, start + 32 + length);
  };
}

function listReader(item: AbiType, path: string): ReadContent {
  const readItems = itemsReader(item, path);
  return (source, start) => {
    const length = readNumber(source, start, path);
    // Before any allocation: the heads alone must fit what is left.
    if (length * item.headBytes > source.unread) throw new AbiDecodeError({ path, reason: "has an impossible length" });
    return readItems(source, start + 32, length);
  };
}

function fixedListReader(item: AbiType, length: number, path: string): ReadContent {
  const readItems = itemsReader(item, path);
  return (source, start) => readItems(source, start, length);
}

function itemsReader(item: AbiType, path: string): (source: Source, start: number, length: number) => unknown[] {
  const read = compileReader(item, `${path}[]`);
  return (source, start, length) => {
    const items: unknown[] = [];
    for (let index = 0; index < length; index++) items.push(read(source, start, start + index * item.headBytes));
    return items;
  };
}
