// All ten decoders against ethers as the oracle: what it encodes is what we decode; and refusals.
import { hexToBuffer } from "@tidegate/chain";
import { AbiCoder, TypedDataEncoder } from "ethers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LogUndecodable } from "../errors.ts";
import { encodeWithEthers, oracle, toEthers } from "../testing/ethers-oracle.ts";
import { anyRequest, bytesOf, seed, uintOf } from "../testing/market-arbitraries.ts";
import type { FetchedLog, MarketEvent } from "../types.ts";
import { MARKET_EVENT_NAMES, MARKET_TOPICS, marketEvents, type MarketEventName, type ProofRequest } from "./abi.ts";
import { createLogDecoder } from "./decode-log.ts";
import { createRequestDigest } from "./request-digest.ts";

const chainId = 8453n;
const marketAddress = "0xfd152dadc5183870710fe54f939eae3ab9f0fe82";
const decodeLog = createLogDecoder({ digestOf: createRequestDigest({ chainId, marketAddress }) });

const EVENT_TYPES: Record<string, Array<{ name: string; type: string }>> = {
  ProofRequest: fields("uint256 id, Requirements requirements, string imageUrl, Input input, Offer offer"),
  Requirements: fields("Callback callback, Predicate predicate, bytes4 selector"),
  Callback: fields("address addr, uint96 gasLimit"),
  Predicate: fields("uint8 predicateType, bytes data"),
  Input: fields("uint8 inputType, bytes data"),
  Offer: fields(
    "uint256 minPrice, uint256 maxPrice, uint64 rampUpStart, uint32 rampUpPeriod, uint32 lockTimeout, uint32 timeout, uint256 lockCollateral",
  ),
};

function fields(text: string): Array<{ name: string; type: string }> {
  return text.split(", ").map((one) => ({ type: one.split(" ")[0] ?? "", name: one.split(" ")[1] ?? "" }));
}

function encode(name: MarketEventName, args: Readonly<Record<string, unknown>>): FetchedLog {
  const { topics, data } = encodeWithEthers(name, args);
  const blockHash = `0x${"22".repeat(32)}`;
  return {
    topics,
    data: hexToBuffer(data),
    blockNumber: 7n,
    blockHash,
    transactionHash: `0x${"11".repeat(32)}`,
    transactionIndex: 0,
    logIndex: 3,
  };
}

const address = bytesOf(20, 20);
const transfer = fc.record({ account: address, value: uintOf(256) });

/** Keys in ABI order: `encode` goes by it. */
const argsOf: Record<MarketEventName, fc.Arbitrary<Record<string, unknown>>> = {
  RequestSubmitted: fc
    .record({ request: anyRequest, clientSignature: bytesOf(0, 70) })
    .map((rest) => ({ requestId: rest.request.id, ...rest })),
  RequestLocked: fc
    .record({ prover: address, request: anyRequest, clientSignature: bytesOf(0, 70) })
    .map((rest) => ({ requestId: rest.request.id, ...rest })),
  RequestFulfilled: fc.record({ requestId: uintOf(256), prover: address, requestDigest: bytesOf(32, 32) }),
  ProofDelivered: fc.record({
    requestId: uintOf(256),
    prover: address,
    fulfillment: fc.record({
      id: uintOf(256),
      requestDigest: bytesOf(32, 32),
      claimDigest: bytesOf(32, 32),
      fulfillmentDataType: fc.constantFrom(0, 1),
      fulfillmentData: bytesOf(0, 100),
      seal: bytesOf(0, 100),
    }),
  }),
  ProverSlashed: fc.record({
    requestId: uintOf(256),
    collateralBurned: uintOf(256),
    collateralTransferred: uintOf(256),
    collateralRecipient: address,
  }),
  CallbackFailed: fc.record({ requestId: uintOf(256), callback: address, error: bytesOf(0, 100) }),
  Deposit: transfer,
  Withdrawal: transfer,
  CollateralDeposit: transfer,
  CollateralWithdrawal: transfer,
};

function requestLog(change: (log: FetchedLog) => FetchedLog): () => MarketEvent {
  const [args] = fc.sample(argsOf.RequestSubmitted, { seed: 1, numRuns: 1 });
  return () => decodeLog(change(encode("RequestSubmitted", args ?? {})), 1n);
}

describe("createLogDecoder", () => {
  it("asks for the ten topics of the facts", () => {
    expect(MARKET_TOPICS).toHaveLength(10);
    expect(MARKET_TOPICS).toEqual(MARKET_EVENT_NAMES.map((name) => oracle.getEvent(name)?.topicHash));
    expect(marketEvents.RequestSubmitted.topic0).toBe(
      "0xc354af001adff0e8c35481c5ce3df3edee370c71572514d281e884c8cb552203",
    );
    expect(marketEvents.CallbackFailed.topic0).toBe(
      "0x5c5960582bfc7a494183b4e9a66bfe8ecffc07a83a48d136e732400f7b98bf50",
    );
  });

  it.each(MARKET_EVENT_NAMES)(`decodes %s as ethers encodes it (seed ${seed})`, (name) => {
    fc.assert(
      fc.property(argsOf[name], (args) => {
        const event = decodeLog(encode(name, args), 1_700_000_000n);
        expect(event.name).toBe(name);
        expect(event.args).toEqual(args);
        expect(event.place).toEqual({
          blockNumber: 7n,
          logIndex: 3,
          txHash: Buffer.alloc(32, 0x11),
          blockTimestamp: 1_700_000_000n,
        });
      }),
      { seed, numRuns: 100 },
    );
  });

  it(`gives a submission and a lock of one request the digest that ethers computes (seed ${seed})`, () => {
    const domain = { name: "IBoundlessMarket", version: "1", chainId, verifyingContract: marketAddress };
    fc.assert(
      fc.property(anyRequest, bytesOf(20, 20), (request, prover) => {
        const expected = TypedDataEncoder.hash(domain, EVENT_TYPES, toEthers(request) as Record<string, unknown>);
        const carried = { request, clientSignature: Buffer.alloc(0) };
        const submitted = decodeLog(encode("RequestSubmitted", { requestId: request.id, ...carried }), 1n);
        const locked = decodeLog(encode("RequestLocked", { requestId: request.id, prover, ...carried }), 1n);
        for (const event of [submitted, locked]) {
          expect("digest" in event && event.digest.toString("hex")).toBe(expected.slice(2));
        }
      }),
      { seed, numRuns: 50 },
    );
  });

  it("refuses what is no event of the market, naming the log", () => {
    const unknownTopic = requestLog((log) => ({ ...log, topics: [`0x${"00".repeat(32)}`] }));
    expect(unknownTopic).toThrow(LogUndecodable);
    expect(unknownTopic).toThrow(/log 3 of transaction 0x1111.* in block 7 .*first topic/);
    expect(requestLog((log) => ({ ...log, data: log.data.subarray(0, -32) }))).toThrow(LogUndecodable);
    const otherId = AbiCoder.defaultAbiCoder().encode(["uint256"], [5n]);
    expect(requestLog((log) => ({ ...log, topics: [log.topics[0] ?? "", otherId] }))).toThrow(/its topic 5/);
  });

  it("refuses numbers outside the enums", () => {
    const [request] = fc.sample(anyRequest, { seed: 1, numRuns: 1 }) as [ProofRequest];
    const bad = { ...request, input: { ...request.input, inputType: 2 } };
    const log = encode("RequestSubmitted", { requestId: bad.id, request: bad, clientSignature: Buffer.alloc(0) });
    expect(() => decodeLog(log, 1n)).toThrow(/inputType is 2/);
  });
});
