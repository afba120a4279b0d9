// Compiles a type to closures that measure and write it, so that an encoding is one allocation and one pass.
// Layout: https://docs.soliditylang.org/en/latest/abi-spec.html#formal-specification-of-the-encoding
import { AbiEncodeError, notAnObject } from "./errors.ts";
import type { AbiFields, AbiType } from "./types.ts";
import { bytesOf, compileWordWriter, writeNumber } from "./write-word.ts";

/** Zeroed bytes, and where the next content of a dynamic type goes. */
interface Target {
  readonly out: Buffer;
  tail: number;
}

interface Writer {
  /** Bytes that the value takes in the tail. */
  tailBytes(value: unknown): number;
  /** Writes the head at `at` and the content at the tail; offsets count from `base`. */
  write(target: Target, base: number, at: number, value: unknown): void;
}

/** A writer of content: a run of heads with their tails, somewhere. */
interface ContentWriter {
  bytes(value: unknown): number;
  headBytes(value: unknown): number;
  write(target: Target, start: number, value: unknown): void;
}

function compileWriter(type: AbiType, path: string): Writer {
  const { shape } = type;
  switch (shape.kind) {
    case "uint":
    case "address":
    case "bool":
    case "fixed-bytes": {
      const writeWord = compileWordWriter(shape, path);
      return { tailBytes: () => 0, write: (target, _base, at, value) => writeWord(target.out, at, value) };
    }
    case "bytes":
    case "string":
      return inTail(bytesWriter(path));
    case "array": {
      const content = listWriter(shape.item, shape.length, path);
      return type.isDynamic ? inTail(content) : inPlace(content);
    }
    case "struct": {
      const content = compileFieldsWriter(shape.fields, path);
      return type.isDynamic ? inTail(content) : inPlace(content);
    }
  }
}

/** Writes fields one after the other from `start`, which is also the base of their offsets. */
export function compileFieldsWriter(fields: AbiFields, path: string): ContentWriter {
  let headBytes = 0;
  const steps = Object.entries(fields).map(([name, type]) => {
    const step = { name, headAt: headBytes, writer: compileWriter(type, path === "" ? name : `${path}.${name}`) };
    headBytes += type.headBytes;
    return step;
  });
  const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> => {
    if (typeof value !== "object" || value === null) throw notAnObject(path);
    return value as Readonly<Record<string, unknown>>;
  };
  return {
    headBytes: () => headBytes,
    bytes: (value) => {
      const given = fieldsOf(value);
      return steps.reduce((sum, step) => sum + step.writer.tailBytes(given[step.name]), headBytes);
    },
    write: (target, start, value) => {
      const given = fieldsOf(value);
      for (const { name, headAt, writer } of steps) writer.write(target, start, start + headAt, given[name]);
    },
  };
}

function inPlace(content: ContentWriter): Writer {
  return { tailBytes: () => 0, write: (target, _base, at, value) => content.write(target, at, value) };
}

function inTail(content: ContentWriter): Writer {
  return {
    tailBytes: (value) => content.bytes(value),
    write: (target, base, at, value) => {
      const start = target.tail;
      writeNumber(target.out, at, start - base);
      target.tail += content.headBytes(value);
      content.write(target, start, value);
    },
  };
}

function bytesWriter(path: string): ContentWriter {
  const paddedBytes = (value: unknown): number => 32 + Math.ceil(bytesOf(value, undefined, path).length / 32) * 32;
  return {
    bytes: paddedBytes,
    headBytes: paddedBytes,
    write: (target, start, value) => {
      const bytes = bytesOf(value, undefined, path);
      writeNumber(target.out, start, bytes.length);
      target.out.set(bytes, start + 32);
    },
  };
}

function listWriter(item: AbiType, length: number | undefined, path: string): ContentWriter {
  const writer = compileWriter(item, `${path}[]`);
  const lengthBytes = length === undefined ? 32 : 0;
  const itemsOf = (value: unknown): readonly unknown[] => {
    if (!Array.isArray(value)) throw new AbiEncodeError({ path, reason: "is not an array" });
    if (length !== undefined && value.length !== length) {
      throw new AbiEncodeError({ path, reason: `has ${value.length} items instead of ${length}` });
    }
    return value;
  };
  const headBytes = (value: unknown): number => lengthBytes + itemsOf(value).length * item.headBytes;
  return {
    headBytes,
    bytes: (value) => itemsOf(value).reduce<number>((sum, each) => sum + writer.tailBytes(each), headBytes(value)),
    write: (target, start, value) => {
      const items = itemsOf(value);
      if (length === undefined) writeNumber(target.out, start, items.length);
      const base = start + lengthBytes;
      items.forEach((each, index) => writer.write(target, base, base + index * item.headBytes, each));
    },
  };
}
