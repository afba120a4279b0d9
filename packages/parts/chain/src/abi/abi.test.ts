// Against ethers as the oracle: seeded random types and values; and the golden vector of the market's requests.
import { AbiCoder, getBytes, id, Interface, TypedDataEncoder } from "ethers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as abi from "./abi.ts";
import { compileDecoder } from "./compile-decoder.ts";
import { compileCallEncoder, compileEncoder } from "./compile-encoder.ts";
import { compileEventDecoder } from "./compile-event-decoder.ts";
import { compileStructHash, encodeStructType } from "./compile-struct-hash.ts";
import { AbiDecodeError, AbiEncodeError, AbiTypeInvalid } from "./errors.ts";
import { bufferToHex, hexToBuffer } from "./hex.ts";
import { keccak256 } from "./keccak256.ts";
import { hashDomain, typedDataDigest } from "./typed-data.ts";
import type { AbiFields, AbiType, ValueOf } from "./types.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);
const numRuns = 300;
const ethersCoder = AbiCoder.defaultAbiCoder();

const proofRequest = abi.struct("ProofRequest", {
  id: abi.uint(256),
  requirements: abi.struct("Requirements", {
    callback: abi.struct("Callback", { addr: abi.address, gasLimit: abi.uint(96) }),
    predicate: abi.struct("Predicate", { predicateType: abi.uint(8), data: abi.bytes }),
    selector: abi.fixedBytes(4),
  }),
  imageUrl: abi.string,
  input: abi.struct("Input", { inputType: abi.uint(8), data: abi.bytes }),
  offer: abi.struct("Offer", {
    minPrice: abi.uint(256),
    maxPrice: abi.uint(256),
    rampUpStart: abi.uint(64),
    rampUpPeriod: abi.uint(32),
    lockTimeout: abi.uint(32),
    timeout: abi.uint(32),
    lockCollateral: abi.uint(256),
  }),
});

const request: ValueOf<typeof proofRequest> = {
  id: 0x111111111111111111111111111111111111111100000007n,
  requirements: {
    callback: { addr: Buffer.alloc(20), gasLimit: 0n },
    predicate: { predicateType: 1, data: Buffer.alloc(32, 0x22) },
    selector: Buffer.alloc(4),
  },
  imageUrl: Buffer.from("https://example.com/img"),
  input: { inputType: 0, data: Buffer.from([1]) },
  offer: {
    minPrice: 1n,
    maxPrice: 2n,
    rampUpStart: 1_700_000_000n,
    rampUpPeriod: 60,
    lockTimeout: 600,
    timeout: 1_200,
    lockCollateral: 5n,
  },
};

const submitted = abi.event("RequestSubmitted", {
  requestId: abi.indexed(abi.uint(256)),
  request: proofRequest,
  clientSignature: abi.bytes,
});

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

describe("EIP-712 of the market", () => {
  it("gives the golden vector", () => {
    const separator = hashDomain({
      name: "IBoundlessMarket",
      version: "1",
      chainId: 8453n,
      verifyingContract: hexToBuffer("0xfd152dadc5183870710fe54f939eae3ab9f0fe82"),
    });
    const structHash = compileStructHash(proofRequest)(request);
    expect(bufferToHex(separator)).toBe("0x9a12073b41e4f815ee99d0bd899eff082991a9634e637181204f852376d71a87");
    expect(bufferToHex(keccak256(encodeStructType(proofRequest)))).toBe(
      "0x9fcf2e0179af2440b5f4e7adff50bb887832a78929465dcca0d29c2a83b93054",
    );
    expect(bufferToHex(structHash)).toBe("0x8469e7c0519abe75990ed4bf9c2a545c13900cebbd0bb87e8487531b21896c69");
    expect(bufferToHex(typedDataDigest(separator, structHash))).toBe(
      "0x0e2bd2b0a7b8a5dcfd11839a5c3bddbd4ceccbd13b159c00d25bfcfbd8df6bfa",
    );
  });
});

describe("events and calls", () => {
  const fragment =
    "event RequestSubmitted(uint256 indexed requestId, (uint256 id, ((address addr, uint96 gasLimit) callback, (uint8 predicateType, bytes data) predicate, bytes4 selector) requirements, string imageUrl, (uint8 inputType, bytes data) input, (uint256 minPrice, uint256 maxPrice, uint64 rampUpStart, uint32 rampUpPeriod, uint32 lockTimeout, uint32 timeout, uint256 lockCollateral) offer) request, bytes clientSignature)";
  const ethersRequest = [
    request.id,
    [[`0x${"00".repeat(20)}`, 0], [1, `0x${"22".repeat(32)}`], "0x00000000"],
    "https://example.com/img",
    [0, "0x01"],
    [1, 2, 1_700_000_000, 60, 600, 1_200, 5],
  ];
  const log = new Interface([fragment]).encodeEventLog("RequestSubmitted", [request.id, ethersRequest, "0xabcd"]);

  it("knows the topic of RequestSubmitted", () => {
    expect(submitted.topic0).toBe("0xc354af001adff0e8c35481c5ce3df3edee370c71572514d281e884c8cb552203");
  });

  it("decodes a log that ethers encoded", () => {
    const decoded = compileEventDecoder(submitted)(log);
    expect(decoded).toEqual({ requestId: request.id, request, clientSignature: Buffer.from([0xab, 0xcd]) });
  });

  it.each([
    ["another event's topic", { ...log, topics: [id("Other()"), ...log.topics.slice(1)] }, "topics"],
    ["a topic too few", { ...log, topics: log.topics.slice(0, 1) }, "topics"],
    ["a short topic", { ...log, topics: [log.topics[0] ?? "", "0x01"] }, "topics[1]"],
    ["half a byte", { ...log, data: `${log.data}0` }, "data"],
    ["a digit that is none", { ...log, data: log.data.replace("1", "g") }, "data"],
    ["no data", { ...log, data: "0x" }, "request"],
  ])("refuses %s", (_what, wrong, path) => {
    expect(() => compileEventDecoder(submitted)(wrong)).toThrow(expect.objectContaining({ path }));
  });

  it("names the field that is wrong", () => {
    const data = getBytes(log.data);
    const offerAt = 32 * 2 + Number(ethersCoder.decode(["uint256"], data.subarray(0, 32))[0]) + 32 * 4 - 32 * 2;
    data[offerAt + 32 * 3] = 1;
    expect(() => compileEventDecoder(submitted)({ topics: log.topics, data: Buffer.from(data) })).toThrow(
      expect.objectContaining({ path: "request.offer.rampUpPeriod" }),
    );
  });

  it("encodes a call as ethers does", () => {
    const submit = abi.func("submitRequest", { request: proofRequest, clientSignature: abi.bytes });
    const contract = new Interface([
      fragment.replace("event RequestSubmitted(uint256 indexed requestId, ", "function submitRequest("),
    ]);
    expect(bufferToHex(submit.selector)).toBe("0xdf2e6706");
    expect(bufferToHex(compileCallEncoder(submit)({ request, clientSignature: Buffer.from([0xab]) }))).toBe(
      contract.encodeFunctionData("submitRequest", [ethersRequest, "0xab"]),
    );
  });
});

const word = (hex: string): string => hex.padStart(64, "0");

describe("strictness", () => {
  const decode = (type: AbiType, ...words: string[]): unknown =>
    compileDecoder({ value: type })(`0x${words.map(word).join("")}`);

  it.each<[string, AbiType, string[], string]>([
    ["uint8 of 256", abi.uint(8), ["100"], "does not fit uint8"],
    ["uint32 of 2^32", abi.uint(32), ["100000000"], "does not fit uint32"],
    ["uint32 with the highest bit", abi.uint(32), [`8${"0".repeat(63)}`], "is too large"],
    ["uint64 of 2^64", abi.uint(64), ["10000000000000000"], "does not fit uint64"],
    ["bool of 2", abi.bool, ["2"], "is neither 0 nor 1"],
    ["address of 21 bytes", abi.address, [`1${"0".repeat(40)}`], "has bits outside an address"],
    ["bytes4 with a fifth", abi.fixedBytes(4), [`0000000001${"0".repeat(54)}`], "has bits outside bytes4"],
    ["offset outside", abi.bytes, ["40"], "lies outside the data"],
    ["offset of 2^52", abi.bytes, ["10000000000000"], "lies outside the data"],
    ["offset of 2^255", abi.bytes, [`8${"0".repeat(63)}`], "is too large"],
    ["offset to itself", abi.bytes, ["0"], "overlaps other fields"],
    ["absurd length", abi.bytes, ["20", "1fffffffffffff"], "lies outside the data"],
    ["absurd list", abi.arrayOf(abi.uint(8)), ["20", "1fffffffffffff"], "has an impossible length"],
    ["truncated list", abi.arrayOf(abi.uint(8)), ["20", "2", "1"], "has an impossible length"],
    ["no data", abi.uint(8), [], "lies outside the data"],
  ])("refuses %s", (_what, type, words, reason) => {
    expect(() => decode(type, ...words)).toThrow(reason);
  });

  it("refuses lists whose items all lead to the same bytes", () => {
    // Ten levels of 200 items that share one content would decode to 200^10 values.
    let type: AbiType = abi.uint(256);
    for (let level = 0; level < 10; level++) type = abi.arrayOf(type);
    const words: string[] = ["20"];
    for (let level = 0; level < 9; level++) words.push("c8", ...Array.from({ length: 200 }, () => "1900"));
    words.push("0");
    const started = performance.now();
    expect(() => decode(type, ...words)).toThrow(AbiDecodeError);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("allows what Solidity allows: data after the last field, no padding", () => {
    expect(decode(abi.uint(8), "7", "1")).toEqual({ value: 7 });
    const unpadded = Buffer.concat([hexToBuffer(`0x${word("20")}${word("3")}`), Buffer.from("abc")]);
    expect(compileDecoder({ value: abi.string })(unpadded)).toEqual({ value: Buffer.from("abc") });
  });

  it.each<[string, AbiType, unknown]>([
    ["256 in a uint8", abi.uint(8), 256],
    ["a fraction", abi.uint(8), 1.5],
    ["a bigint in a uint8", abi.uint(8), 1n],
    ["a number in a uint256", abi.uint(256), 1],
    ["2^64 in a uint64", abi.uint(64), 2n ** 64n],
    ["less than nothing", abi.uint(256), -1n],
    ["a short address", abi.address, Buffer.alloc(19)],
    ["text as bytes", abi.bytes, "0x00"],
    ["a short fixed list", abi.arrayOf(abi.bool, 2), [true]],
    ["nothing", abi.struct("S", { a: abi.bool }), undefined],
    ["a missing field", abi.struct("S", { a: abi.bool }), {}],
  ])("does not encode %s", (_what, type, value) => {
    expect(() => compileEncoder({ value: type })({ value })).toThrow(AbiEncodeError);
    const struct = abi.struct("Owner", { value: type });
    expect(() => compileStructHash(struct)({ value })).toThrow(AbiEncodeError);
  });

  it.each<[string, () => unknown]>([
    ["uint7", () => abi.uint(7)],
    ["uint264", () => abi.uint(264)],
    ["bytes33", () => abi.fixedBytes(33)],
    ["an empty fixed list", () => abi.arrayOf(abi.bool, 0)],
    ["an empty struct", () => abi.struct("S", {})],
    ["a field whose key JavaScript would move", () => abi.struct("S", { b: abi.bool, 0: abi.bool })],
    ["an indexed string", () => abi.indexed(abi.string)],
  ])("has no type for %s", (_what, define) => {
    expect(define).toThrow(AbiTypeInvalid);
  });
});
