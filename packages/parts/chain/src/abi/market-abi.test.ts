// The market's own types: the golden vector of its requests, and a log and a call as ethers makes them.
import { AbiCoder, getBytes, id, Interface } from "ethers";
import { describe, expect, it } from "vitest";
import * as abi from "./abi.ts";
import { compileCallEncoder } from "./compile-encoder.ts";
import { compileEventDecoder } from "./compile-event-decoder.ts";
import { compileStructHash, encodeStructType } from "./compile-struct-hash.ts";
import { bufferToHex, hexToBuffer } from "./hex.ts";
import { keccak256 } from "../keccak/keccak256.ts";
import { hashDomain, typedDataDigest } from "./typed-data.ts";
import type { ValueOf } from "./types.ts";

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
