// The golden vector of the facts, and that what is remembered is never the wrong digest.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { anyRequest, seed } from "../testing/market-arbitraries.ts";
import type { ProofRequest } from "./abi.ts";
import { createRequestDigest } from "./request-digest.ts";

const market = { chainId: 8453n, marketAddress: "0xfd152dadc5183870710fe54f939eae3ab9f0fe82" };

const golden: ProofRequest = {
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
    timeout: 1200,
    lockCollateral: 5n,
  },
};

it("gives the golden vector", () => {
  expect(createRequestDigest(market)(golden).toString("hex")).toBe(
    "0e2bd2b0a7b8a5dcfd11839a5c3bddbd4ceccbd13b159c00d25bfcfbd8df6bfa",
  );
});

it("gives each change of one field another digest, also right after the unchanged request", () => {
  const digestOf = createRequestDigest(market);
  const { requirements, input, offer } = golden;
  const changed: ProofRequest[] = [
    { ...golden, id: golden.id + 1n },
    { ...golden, imageUrl: Buffer.from("https://example.com/imh") },
    { ...golden, input: { ...input, inputType: 1 } },
    { ...golden, input: { ...input, data: Buffer.from([2]) } },
    { ...golden, requirements: { ...requirements, selector: Buffer.alloc(4, 1) } },
    { ...golden, requirements: { ...requirements, callback: { addr: Buffer.alloc(20, 1), gasLimit: 0n } } },
    { ...golden, requirements: { ...requirements, callback: { addr: Buffer.alloc(20), gasLimit: 1n } } },
    { ...golden, requirements: { ...requirements, predicate: { predicateType: 0, data: Buffer.alloc(32, 0x22) } } },
    { ...golden, requirements: { ...requirements, predicate: { predicateType: 1, data: Buffer.alloc(32, 0x23) } } },
    ...(["minPrice", "maxPrice", "rampUpStart", "lockCollateral"] as const).map((field) => ({
      ...golden,
      offer: { ...offer, [field]: offer[field] + 1n },
    })),
    ...(["rampUpPeriod", "lockTimeout", "timeout"] as const).map((field) => ({
      ...golden,
      offer: { ...offer, [field]: offer[field] + 1 },
    })),
  ];
  const digests = new Set([digestOf(golden).toString("hex")]);
  for (const request of changed) {
    digestOf(golden);
    digests.add(digestOf(request).toString("hex"));
  }
  expect(digests.size).toBe(changed.length + 1);
});

it(`remembers without ever mixing up, however little it remembers (seed ${seed})`, () => {
  fc.assert(
    fc.property(
      fc.array(anyRequest, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 3 }),
      (pool, remembered) => {
        const remembering = createRequestDigest({ ...market, remembered });
        for (const request of [...pool, ...pool, ...pool.toReversed()]) {
          expect(remembering(request)).toEqual(createRequestDigest(market)(request));
        }
      },
    ),
    { seed, numRuns: 30 },
  );
});
