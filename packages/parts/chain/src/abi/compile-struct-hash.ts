// EIP-712: hashing of typed structured data. https://eips.ethereum.org/EIPS/eip-712
import { AbiEncodeError, AbiTypeInvalid, notAnObject } from "./errors.ts";
import { keccak256 } from "../keccak/keccak256.ts";
import type { AbiType, Shape, ValueOf } from "./types.ts";
import { bytesOf, compileWordWriter, type WriteWord } from "./write-word.ts";

type StructShape = Extract<Shape, { kind: "struct" }>;

/** `hashStruct` of EIP-712: 32 bytes, Keccak-256 of the type hash and each member as one word. */
export function compileStructHash<T extends AbiType>(type: T): (value: ValueOf<T>) => Buffer {
  const hash = structHasher(structOf(type), "");
  return (value) => hash(value);
}

/** `encodeType` of EIP-712: the struct, then the structs that it refers to, by name. */
export function encodeStructType(type: AbiType): string {
  const root = structOf(type);
  const referred = new Map<string, StructShape>();
  collectStructs(root, referred);
  referred.delete(root.name);
  const others = [...referred.values()].toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return [root, ...others].map(describeStruct).join("");
}

function structHasher(shape: StructShape, path: string): (value: unknown) => Buffer {
  const typeHash = keccak256(encodeStructType({ shape, signature: "", isDynamic: false, headBytes: 0 }));
  const steps = Object.entries(shape.fields).map(([name, type]) => ({
    name,
    write: memberWriter(type, path === "" ? name : `${path}.${name}`),
  }));
  return (value) => {
    if (typeof value !== "object" || value === null) throw notAnObject(path);
    const given = value as Readonly<Record<string, unknown>>;
    const out = Buffer.alloc(32 * (1 + steps.length));
    typeHash.copy(out);
    steps.forEach(({ name, write }, index) => write(out, 32 * (1 + index), given[name]));
    return keccak256(out);
  };
}

/** `encodeData` of one member: words as in the ABI, everything else as a hash. */
function memberWriter(type: AbiType, path: string): WriteWord {
  const { shape } = type;
  switch (shape.kind) {
    case "uint":
    case "address":
    case "bool":
    case "fixed-bytes":
      return compileWordWriter(shape, path);
    case "bytes":
    case "string":
      return (out, at, value) => {
        keccak256(bytesOf(value, undefined, path)).copy(out, at);
      };
    case "struct": {
      const hash = structHasher(shape, path);
      return (out, at, value) => {
        hash(value).copy(out, at);
      };
    }
    case "array":
      return listWriter(shape.item, shape.length, path);
  }
}

function listWriter(item: AbiType, length: number | undefined, path: string): WriteWord {
  const writeItem = memberWriter(item, `${path}[]`);
  return (out, at, value) => {
    if (!Array.isArray(value) || (length !== undefined && value.length !== length)) {
      throw new AbiEncodeError({ path, reason: `is not an array${length === undefined ? "" : ` of ${length}`}` });
    }
    const words = Buffer.alloc(32 * value.length);
    value.forEach((each: unknown, index) => writeItem(words, 32 * index, each));
    keccak256(words).copy(out, at);
  };
}

function collectStructs(shape: Shape, found: Map<string, StructShape>): void {
  if (shape.kind === "array") return collectStructs(shape.item.shape, found);
  if (shape.kind !== "struct") return;
  found.set(shape.name, shape);
  for (const type of Object.values(shape.fields)) collectStructs(type.shape, found);
}

function describeStruct(shape: StructShape): string {
  const members = Object.entries(shape.fields).map(([name, type]) => `${memberType(type.shape, type)} ${name}`);
  return `${shape.name}(${members.join(",")})`;
}

/** Structs go by their name here, not by their tuple. */
function memberType(shape: Shape, type: AbiType): string {
  if (shape.kind === "struct") return shape.name;
  if (shape.kind === "array") return `${memberType(shape.item.shape, shape.item)}[${shape.length ?? ""}]`;
  return type.signature;
}

function structOf(type: AbiType): StructShape {
  if (type.shape.kind !== "struct") throw new AbiTypeInvalid({ type: type.signature, reason: "is not a struct" });
  return type.shape;
}
