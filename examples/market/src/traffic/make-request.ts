// New requests: of all the shapes that the market takes, and a few that only just fit.
import { bufferToHex, type Hex } from "@tidegate/chain";
import type { Random } from "@tidegate/kernel";
import { MARKET_ADDRESS, REJECTING_CALLBACK_ADDRESS } from "../contract/deploy-market.ts";
import type { LedgerRequest } from "./ledger-line.ts";
import type { Mix } from "./mix.ts";
import { happens } from "./happens.ts";

export interface RequestWishes {
  readonly client: Hex;
  /** 32 bits: which request of the client. */
  readonly index: number;
  /** Time of the chain's head. */
  readonly now: number;
  readonly mix: Mix;
  /** May lie at the edge of what the contract takes; such a request can be submitted, but not more. */
  readonly isOdd: boolean;
}

const GWEI = 1_000_000_000n;
const NO_ADDRESS: Hex = "0x0000000000000000000000000000000000000000";

const IMAGE_URLS = [
  "https://gateway.example.org/ipfs/bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi",
  "https://example.com/programs/fibonacci.bin",
  "https://beispiel.example/prüfling/größe?ä=1",
  "https://例え.example/画像/証明.bin",
  "ipfs://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi/🌊",
  "",
];

/** Bytes that are no UTF-8, and a NUL, which PostgreSQL's text does not take. */
const ODD_IMAGE_URLS = [
  Buffer.from("c328ff", "hex"),
  Buffer.from("https://example.com/\0nul"),
  Buffer.from("ed", "hex"),
];

export function makeRequest(random: Random, wishes: RequestWishes): LedgerRequest {
  const { client, index, mix, isOdd } = wishes;
  const flag = isOdd && happens(random, 50) ? 1n << 192n : 0n;
  const id = flag | (BigInt(client) << 32n) | BigInt(index);
  return {
    id: `0x${id.toString(16).padStart(64, "0")}`,
    requirements: {
      callback: happens(random, mix.callback) ? makeCallback(random, client) : { addr: NO_ADDRESS, gasLimit: "0" },
      predicate: makePredicate(random, isOdd),
      selector: happens(random, 70) ? "0x00000000" : bufferToHex(random.bytes(4)),
    },
    imageUrl: bufferToHex(isOdd ? random.pick(ODD_IMAGE_URLS) : Buffer.from(random.pick(IMAGE_URLS), "utf8")),
    input: makeInput(random),
    offer: isOdd ? makeOddOffer(random, wishes.now) : makeOffer(random, wishes.now),
  };
}

/** The same request with another price: another digest under the same id. */
export function alterOffer(random: Random, request: LedgerRequest): LedgerRequest {
  const { offer } = request;
  const maxPrice = BigInt(offer.maxPrice) + BigInt(random.integer(1, 1_000_000)) * GWEI;
  // A price that does not move stays one, because the prover of the request may rely on it.
  const minPrice = offer.minPrice === offer.maxPrice ? maxPrice : BigInt(offer.minPrice);
  return { ...request, offer: { ...offer, minPrice: minPrice.toString(), maxPrice: maxPrice.toString() } };
}

function makeCallback(random: Random, client: Hex): LedgerRequest["requirements"]["callback"] {
  // Rejects with a reason; has no such function; an account without code, which accepts everything.
  const addr = random.pick([REJECTING_CALLBACK_ADDRESS, MARKET_ADDRESS, client]);
  return { addr, gasLimit: String(random.integer(50_000, 200_000)) };
}

function makePredicate(random: Random, isOdd: boolean): LedgerRequest["requirements"]["predicate"] {
  const predicateType = random.pick([0, 0, 0, 1, 2]);
  // Image id and journal hash; image id and prefix; claim digest.
  const length = predicateType === 0 ? 64 : predicateType === 1 ? 32 + random.integer(0, 40) : 32;
  return { predicateType, data: bufferToHex(random.bytes(isOdd ? random.integer(0, 31) : length)) };
}

function makeInput(random: Random): LedgerRequest["input"] {
  if (happens(random, 40)) {
    const url = `https://inputs.example.com/${random.integer(1, 1_000_000)}/${random.pick(["a.bin", "ünïcode.bin"])}`;
    return { inputType: 1, data: bufferToHex(Buffer.from(url, "utf8")) };
  }
  const size = random.next();
  const length =
    size < 0.7 ? random.integer(0, 300) : size < 0.95 ? random.integer(300, 1_500) : random.integer(1_500, 3_600);
  return { inputType: 0, data: bufferToHex(random.bytes(length)) };
}

/** Deadlines a minute or two away, so that expiry and slashing are seen soon. */
function makeOffer(random: Random, now: number): LedgerRequest["offer"] {
  const rampUpPeriod = random.integer(0, 20);
  const lockTimeout = random.integer(40, 65);
  const minPrice = BigInt(random.integer(0, 1_000_000)) * GWEI;
  const ramp = happens(random, 30) ? 0n : BigInt(random.integer(1, 2_000_000)) * GWEI + 7n;
  return {
    minPrice: minPrice.toString(),
    maxPrice: (minPrice + ramp).toString(),
    rampUpStart: String(now + random.integer(-5, 10)),
    rampUpPeriod,
    lockTimeout,
    timeout: lockTimeout + random.integer(25, 55),
    lockCollateral: makeCollateral(random).toString(),
  };
}

/** Mostly a few tokens; odd numbers, whose half is rounded; nothing; and more than 64 bits hold. */
function makeCollateral(random: Random): bigint {
  const whole = BigInt(random.integer(1, 50)) * 10n ** 18n;
  return random.pick([whole, whole, whole, whole + 1n, 0n, whole * 10n ** 40n + 1n]);
}

/** Already over, over in the year 584,554,049,253, or worth all wei that there can be. */
function makeOddOffer(random: Random, now: number): LedgerRequest["offer"] {
  const offer = makeOffer(random, now);
  const huge = { rampUpStart: (2n ** 64n - 1n).toString(), lockTimeout: 2 ** 32 - 1, timeout: 2 ** 32 - 1 };
  return random.pick([
    { ...offer, rampUpStart: "0" },
    { ...offer, ...huge },
    { ...offer, maxPrice: (2n ** 256n - 1n).toString(), lockCollateral: (2n ** 256n - 1n).toString() },
  ]);
}
