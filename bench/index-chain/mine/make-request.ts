// Requests as the example market's traffic makes them, in the same sizes and proportions.
import type { Random } from "@tidegate/kernel";
import type { ProofRequest } from "../market-events.ts";

const GWEI = 1_000_000_000n;

const IMAGE_URLS = [
  "https://gateway.example.org/ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
  "https://example.com/programs/fibonacci.bin",
  "https://beispiel.example/prüfling/größe?ä=1",
  "https://例え.example/画像/証明.bin",
  "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/🌊",
  "",
].map((url) => Buffer.from(url, "utf8"));

export interface RequestWishes {
  readonly client: Buffer;
  /** 32 bits: which request of the client. */
  readonly index: number;
  /** Unix seconds. */
  readonly now: number;
  readonly hasCallback: boolean;
}

export function makeRequest(random: Random, { client, index, now, hasCallback }: RequestWishes): ProofRequest {
  return {
    id: (BigInt(`0x${client.toString("hex")}`) << 32n) | BigInt(index),
    requirements: {
      callback: hasCallback
        ? { addr: random.bytes(20), gasLimit: BigInt(random.integer(50_000, 200_000)) }
        : { addr: Buffer.alloc(20), gasLimit: 0n },
      predicate: makePredicate(random),
      selector: random.next() < 0.7 ? Buffer.alloc(4) : random.bytes(4),
    },
    imageUrl: random.pick(IMAGE_URLS),
    input: makeInput(random),
    offer: makeOffer(random, now),
  };
}

/** The same request with another price: another digest under the same id. */
export function alterOffer(random: Random, request: ProofRequest): ProofRequest {
  const maxPrice = request.offer.maxPrice + BigInt(random.integer(1, 1_000_000)) * GWEI;
  return { ...request, offer: { ...request.offer, maxPrice } };
}

function makePredicate(random: Random): ProofRequest["requirements"]["predicate"] {
  const predicateType = random.pick([0, 0, 0, 1, 2]);
  const length = predicateType === 0 ? 64 : predicateType === 1 ? 32 + random.integer(0, 40) : 32;
  return { predicateType, data: random.bytes(length) };
}

function makeInput(random: Random): ProofRequest["input"] {
  if (random.next() < 0.4) {
    const url = `https://inputs.example.com/${random.integer(1, 1_000_000)}/${random.pick(["a.bin", "ünïcode.bin"])}`;
    return { inputType: 1, data: Buffer.from(url, "utf8") };
  }
  const size = random.next();
  const length =
    size < 0.7 ? random.integer(0, 300) : size < 0.95 ? random.integer(300, 1_500) : random.integer(1_500, 3_600);
  return { inputType: 0, data: random.bytes(length) };
}

function makeOffer(random: Random, now: number): ProofRequest["offer"] {
  const lockTimeout = random.integer(40, 65);
  const minPrice = BigInt(random.integer(0, 1_000_000)) * GWEI;
  const ramp = random.next() < 0.3 ? 0n : BigInt(random.integer(1, 2_000_000)) * GWEI + 7n;
  const whole = BigInt(random.integer(1, 50)) * 10n ** 18n;
  return {
    minPrice,
    maxPrice: minPrice + ramp,
    rampUpStart: BigInt(now + random.integer(-5, 10)),
    rampUpPeriod: random.integer(0, 20),
    lockTimeout,
    timeout: lockTimeout + random.integer(25, 55),
    lockCollateral: random.pick([whole, whole, whole, whole + 1n, 0n, whole * 10n ** 40n + 1n]),
  };
}
