// Random proof requests and event arguments, for tests.
import * as fc from "fast-check";
import type { ProofRequest } from "../decode/abi.ts";

export const uintOf = (bits: number): fc.Arbitrary<bigint> =>
  fc.oneof(fc.bigInt(0n, (1n << BigInt(bits)) - 1n), fc.constantFrom(0n, 1n, (1n << BigInt(bits)) - 1n));

const smallUintOf = (bits: number): fc.Arbitrary<number> => uintOf(bits).map(Number);

export const bytesOf = (minLength: number, maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength, maxLength }).map((bytes) => Buffer.from(bytes));

/** Any request that a market could emit. */
export const anyRequest: fc.Arbitrary<ProofRequest> = fc.record({
  id: uintOf(256),
  requirements: fc.record({
    callback: fc.record({ addr: bytesOf(20, 20), gasLimit: uintOf(96) }),
    predicate: fc.record({ predicateType: fc.constantFrom(0, 1, 2), data: bytesOf(0, 70) }),
    selector: bytesOf(4, 4),
  }),
  imageUrl: fc.string({ unit: "binary", maxLength: 40 }).map((text) => Buffer.from(text, "utf8")),
  input: fc.record({ inputType: fc.constantFrom(0, 1), data: bytesOf(0, 100) }),
  offer: fc.record({
    minPrice: uintOf(256),
    maxPrice: uintOf(256),
    rampUpStart: uintOf(64),
    rampUpPeriod: smallUintOf(32),
    lockTimeout: smallUintOf(32),
    timeout: smallUintOf(32),
    lockCollateral: uintOf(256),
  }),
});

/** `SEED` from the environment, or a new one; tests print it in their title. */
export const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000_000);
