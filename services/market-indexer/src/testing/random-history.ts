// Histories that no contract would allow: any event at any time, several offers under one id, orders besides.
import type { Random } from "@tidegate/kernel";
import type { ProofRequest } from "../decode/abi.ts";
import { createRequestDigest } from "../decode/request-digest.ts";
import type { OffchainRequest } from "../types.ts";
import {
  deliver,
  failCallback,
  fulfill,
  lock,
  slash,
  submit,
  transfer,
  type PlacedLater,
  type SyntheticBlock,
  type SyntheticRequest,
} from "./synthetic-chain.ts";

export const CHAIN_ID = 31_337n;
export const MARKET_ADDRESS = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

export const alice = Buffer.alloc(20, 0xa1);
export const bob = Buffer.alloc(20, 0xb0);

const digestOf = createRequestDigest({ chainId: CHAIN_ID, marketAddress: MARKET_ADDRESS });

/** By default its ramp goes from 10 to 110 between 1000 and 1100, its lock ends at 1200, and it expires at 1300. */
export function requestWith(id: bigint, offer: Partial<ProofRequest["offer"]> = {}): SyntheticRequest {
  const request: ProofRequest = {
    id,
    requirements: {
      callback: { addr: Buffer.alloc(20), gasLimit: 0n },
      predicate: { predicateType: Number(id % 3n), data: Buffer.alloc(64, 1) },
      selector: Buffer.alloc(4),
    },
    imageUrl: Buffer.from("https://example.com/bïld"),
    input: { inputType: Number(id % 2n), data: Buffer.from([1, 2]) },
    offer: {
      minPrice: 10n,
      maxPrice: 110n,
      rampUpStart: 1000n,
      rampUpPeriod: 100,
      lockTimeout: 200,
      timeout: 300,
      lockCollateral: 5n,
      ...offer,
    },
  };
  return { request, digest: digestOf(request) };
}

/** Blocks numbered from 100, from chain time 990 on. */
export function randomHistory(
  random: Random,
  blockCount = 60,
): { readonly blocks: SyntheticBlock[]; readonly orders: OffchainRequest[] } {
  const requests = randomRequests(random);
  let timestamp = 990n;
  const blocks = Array.from({ length: blockCount }, (_, index) => {
    timestamp += BigInt(random.integer(1, 15));
    const events = Array.from({ length: random.integer(0, 3) }, () => randomEvent(random, requests));
    return { number: BigInt(100 + index), timestamp, events };
  });
  const orders = Array.from({ length: 5 }, (): OffchainRequest => {
    const createdAt = BigInt(990 + random.integer(0, 450));
    return { ...random.pick(requests), clientSignature: Buffer.alloc(65, 9), createdAt };
  });
  return { blocks, orders };
}

/** Twelve offers under nine ids, in the times of `randomHistory`. */
export function randomRequests(random: Random): readonly SyntheticRequest[] {
  return Array.from({ length: 12 }, (_, index) =>
    requestWith((0xc0ffeen << 32n) + BigInt(1 + (index % 9)), {
      rampUpStart: BigInt(1000 + random.integer(0, 200)),
      rampUpPeriod: random.integer(0, 150),
      lockTimeout: random.integer(0, 250),
      timeout: random.integer(0, 400),
      minPrice: BigInt(random.integer(0, 50)),
      maxPrice: 10n ** 60n + BigInt(random.integer(50, 1000)),
    }),
  );
}

/** Any of the ten, of any of the requests. */
export function randomEvent(random: Random, requests: readonly SyntheticRequest[]): PlacedLater {
  const request = random.pick(requests);
  const account = random.pick([alice, bob]);
  const transfers = ["Deposit", "Withdrawal", "CollateralDeposit", "CollateralWithdrawal"] as const;
  const builders = [
    ...[submit, submit, lock, fulfill, deliver, slash, failCallback].map((build) => () => build(request, account)),
    () => transfer(random.pick(transfers), account, (1n << 256n) - BigInt(random.integer(1, 1000))),
  ];
  return random.pick(builders)();
}
