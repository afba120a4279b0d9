// Against ethers as the oracle: seeded random types and values. SEED=… repeats a run.
import { AbiCoder, TypedDataEncoder } from "ethers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as abi from "./abi.ts";
import { compileDecoder } from "./compile-decoder.ts";
import { compileEncoder } from "./compile-encoder.ts";
import { compileStructHash } from "./compile-struct-hash.ts";
import { AbiDecodeError } from "./errors.ts";
import { bufferToHex } from "./hex.ts";
import { hashDomain, typedDataDigest } from "./typed-data.ts";
import type { AbiFields, AbiType } from "./types.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);
const numRuns = 300;
const ethersCoder = AbiCoder.defaultAbiCoder();

/** A type, ethers' name for it, values, and what ethers takes for a value. */
interface Sample {
  readonly type: AbiType;
  readonly values: fc.Arbitrary<unknown>;
  toEthers(value: unknown): unknown;
}

const byteArrays = (minLength: number, maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));

const wordSamples: readonly Sample[] = [
  ...[8, 32, 48, 56, 64, 96, 128, 160, 256].map((bits): Sample => {
    const values = fc.oneof(fc.bigInt(0n, 2n ** BigInt(bits) - 1n), fc.constantFrom(0n, 2n ** BigInt(bits) - 1n));
    return {
      type: abi.uint(bits),
      values: bits <= 48 ? values.map(Number) : values,
      toEthers: (value) => value,
    };
  }),
  { type: abi.bool, values: fc.boolean(), toEthers: (value) => value },
  { type: abi.address, values: byteArrays(20, 20), toEthers: (value) => bufferToHex(value as Buffer) },
  ...[1, 4, 32].map((length): Sample => ({
    type: abi.fixedBytes(length),
    values: byteArrays(length, length),
    toEthers: (value) => bufferToHex(value as Buffer),
  })),
];

const leafSamples: readonly Sample[] = [
  ...wordSamples,
  { type: abi.bytes, values: byteArrays(0, 100), toEthers: (value) => bufferToHex(value as Buffer) },
  {
    type: abi.string,
    values: fc.string({ unit: "grapheme", maxLength: 40 }).map((text) => Buffer.from(text.toWellFormed())),
    toEthers: (value) => (value as Buffer).toString("utf8"),
  },
];

/** Random nested types: leaves, lists, fixed lists and structs. */
const samples: fc.Arbitrary<Sample> = fc.letrec<{ sample: Sample }>((tie) => ({
  sample: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom(...leafSamples),
    fc.tuple(tie("sample"), fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined })).map(listOf),
    fc.array(tie("sample"), { minLength: 1, maxLength: 4 }).map(structOf),
  ),
})).sample;

let structs = 0;

function structOf(members: readonly Sample[]): Sample {
  const name = `Struct${structs++}`;
  return {
    type: abi.struct(name, Object.fromEntries(members.map((member, index) => [`f${index}`, member.type]))),
    values: fc.record(Object.fromEntries(members.map((member, index) => [`f${index}`, member.values]))),
    toEthers: (value) =>
      members.map((member, index) => member.toEthers((value as Record<string, unknown>)[`f${index}`])),
  };
}

function listOf([item, length]: readonly [Sample, number | undefined]): Sample {
  return {
    type: abi.arrayOf(item.type, length),
    values: fc.array(item.values, length === undefined ? { maxLength: 4 } : { minLength: length, maxLength: length }),
    toEthers: (value) => (value as unknown[]).map((each) => item.toEthers(each)),
  };
}

/** Objects and buffers to plain comparable things. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return bufferToHex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

const cases = samples.chain((sample) => fc.tuple(fc.constant(sample), sample.values));

describe(`against ethers (SEED=${seed})`, () => {
  it("encodes as ethers does, and decodes what ethers encoded", () => {
    fc.assert(
      fc.property(cases, ([sample, value]) => {
        const fields: AbiFields = { value: sample.type };
        const theirs = ethersCoder.encode([sample.type.signature], [sample.toEthers(value)]);
        expect(bufferToHex(compileEncoder(fields)({ value }))).toBe(theirs);
        expect(plain(compileDecoder(fields)(theirs))).toEqual({ value: plain(value) });
      }),
      { seed, numRuns },
    );
  });

  it("never throws anything but AbiDecodeError on mutated data, and never reads more than there is", () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, 0x20, 0x40, 0x7f, 0xff)), { maxLength: 6 });
    fc.assert(
      fc.property(cases, mutations, fc.nat(), ([sample, value], changes, cut) => {
        const fields: AbiFields = { value: sample.type };
        const data = compileEncoder(fields)({ value });
        for (const [at, byte] of changes) data[at % data.length] = byte;
        const given = data.subarray(0, cut % 3 === 0 ? cut % (data.length + 1) : data.length);
        let decoded: unknown;
        try {
          decoded = compileDecoder(fields)(given);
        } catch (error) {
          expect(error).toBeInstanceOf(AbiDecodeError);
          return;
        }
        expect(bytesIn(decoded)).toBeLessThanOrEqual(given.length);
      }),
      { seed, numRuns: numRuns * 5 },
    );
  });

  it("hashes typed data as ethers does", () => {
    const domain = { name: "Market", version: "1", chainId: 8453n, verifyingContract: Buffer.alloc(20, 7) };
    const separator = hashDomain(domain);
    const structCases = fc
      .array(samples, { minLength: 1, maxLength: 4 })
      .map(structOf)
      .chain((sample) => fc.tuple(fc.constant(sample), sample.values));
    fc.assert(
      fc.property(structCases, ([sample, value]) => {
        const types = ethersTypes(sample.type);
        const ethersDomain = { ...domain, verifyingContract: bufferToHex(domain.verifyingContract) };
        const theirs = TypedDataEncoder.hash(ethersDomain, types, ethersMessage(sample.type, value) as never);
        expect(bufferToHex(typedDataDigest(separator, compileStructHash(sample.type)(value)))).toBe(theirs);
      }),
      { seed, numRuns },
    );
  });
});

/** Bytes of memory that a decoded value stands for, counted low: a word for each leaf. */
function bytesIn(value: unknown): number {
  if (value instanceof Uint8Array) return value.length;
  if (typeof value === "object" && value !== null) {
    return Object.values(value).reduce<number>((sum, each) => sum + bytesIn(each), 0);
  }
  return 32;
}

function ethersTypes(type: AbiType, found: Record<string, { name: string; type: string }[]> = {}): typeof found {
  const { shape } = type;
  if (shape.kind === "array") ethersTypes(shape.item, found);
  if (shape.kind === "struct") {
    found[shape.name] = Object.entries(shape.fields).map(([name, each]) => ({ name, type: ethersName(each) }));
    for (const each of Object.values(shape.fields)) ethersTypes(each, found);
  }
  return found;
}

function ethersName({ shape, signature }: AbiType): string {
  if (shape.kind === "struct") return shape.name;
  return shape.kind === "array" ? `${ethersName(shape.item)}[${shape.length ?? ""}]` : signature;
}

function ethersMessage(type: AbiType, value: unknown): unknown {
  const { shape } = type;
  switch (shape.kind) {
    case "struct": {
      const given = value as Record<string, unknown>;
      return Object.fromEntries(
        Object.entries(shape.fields).map(([name, each]) => [name, ethersMessage(each, given[name])]),
      );
    }
    case "array":
      return (value as unknown[]).map((each) => ethersMessage(shape.item, each));
    case "string":
      return (value as Buffer).toString("utf8");
    case "bytes":
    case "address":
    case "fixed-bytes":
      return bufferToHex(value as Buffer);
    case "bool":
    case "uint":
      return value;
  }
}
