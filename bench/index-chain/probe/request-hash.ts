// EIP-712 over a request where it lies in an event's data, and the offsets of its parts.
import { createKeccak256, type Keccak256 } from "@tidegate/chain";

/** Offsets in the data, of words or (`…At` with a length before it) of bytes. */
export interface RequestParts {
  id: number;
  callback: number;
  predicate: number;
  predicateData: number;
  selector: number;
  imageUrl: number;
  inputType: number;
  inputData: number;
  offer: number;
}

export function u32(data: Uint8Array, word: number): number {
  const high = ((data[word + 28] ?? 0) << 24) | ((data[word + 29] ?? 0) << 16);
  return (high | ((data[word + 30] ?? 0) << 8) | (data[word + 31] ?? 0)) >>> 0;
}

/** The parts of the request that begins at `start`. Dynamic parts point to their length word. */
export function readParts(data: Uint8Array, start: number, parts: RequestParts): void {
  const requirements = start + u32(data, start + 32);
  const predicate = requirements + u32(data, requirements + 64);
  const input = start + u32(data, start + 96);
  parts.id = start;
  parts.callback = requirements;
  parts.selector = requirements + 96;
  parts.predicate = predicate;
  parts.predicateData = predicate + u32(data, predicate + 32);
  parts.imageUrl = start + u32(data, start + 64);
  parts.inputType = input;
  parts.inputData = input + u32(data, input + 32);
  parts.offer = start + 128;
}

const CALLBACK = "Callback(address addr,uint96 gasLimit)";
const INPUT = "Input(uint8 inputType,bytes data)";
const OFFER =
  "Offer(uint256 minPrice,uint256 maxPrice,uint64 rampUpStart,uint32 rampUpPeriod,uint32 lockTimeout,uint32 timeout,uint256 lockCollateral)";
const PREDICATE = "Predicate(uint8 predicateType,bytes data)";
const REQUIREMENTS = "Requirements(Callback callback,Predicate predicate,bytes4 selector)";
const REQUEST =
  "ProofRequest(uint256 id,Requirements requirements,string imageUrl,Input input,Offer offer)" +
  CALLBACK +
  INPUT +
  OFFER +
  PREDICATE +
  REQUIREMENTS;
const DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)";

export type HashRequest = (data: Uint8Array, parts: RequestParts, out: Uint8Array, at: number) => void;

export function createRequestHash(chainId: number, market: string): HashRequest {
  const keccak = createKeccak256();
  const textHash = (text: string): Buffer => {
    const hash = Buffer.alloc(32);
    const bytes = Buffer.from(text);
    keccak.write(bytes, 0, bytes.length);
    keccak.digest(hash, 0);
    return hash;
  };
  const types = {
    callback: textHash(CALLBACK),
    input: textHash(INPUT),
    offer: textHash(OFFER),
    predicate: textHash(PREDICATE),
    requirements: textHash(REQUIREMENTS + CALLBACK + PREDICATE),
    request: textHash(REQUEST),
  };
  const prefix = Buffer.concat([Buffer.from([0x19, 0x01]), domainSeparator(keccak, textHash, chainId, market)]);
  const scratch = new Uint8Array(32 * 5);
  const [callback, predicate, requirements, image, input] = [0, 32, 64, 96, 128];
  return (data, parts, out, at) => {
    const word = (bytes: Uint8Array, start: number): void => keccak.write(bytes, start, start + 32);
    const hashBytes = (lengthAt: number, to: number): void => {
      keccak.write(data, lengthAt + 32, lengthAt + 32 + u32(data, lengthAt));
      keccak.digest(scratch, to);
    };
    keccak.write(types.callback, 0, 32);
    keccak.write(data, parts.callback, parts.callback + 64);
    keccak.digest(scratch, callback);
    hashBytes(parts.predicateData, predicate);
    keccak.write(types.predicate, 0, 32);
    word(data, parts.predicate);
    word(scratch, predicate);
    keccak.digest(scratch, predicate);
    keccak.write(types.requirements, 0, 32);
    word(scratch, callback);
    word(scratch, predicate);
    word(data, parts.selector);
    keccak.digest(scratch, requirements);
    hashBytes(parts.imageUrl, image);
    hashBytes(parts.inputData, input);
    keccak.write(types.input, 0, 32);
    word(data, parts.inputType);
    word(scratch, input);
    keccak.digest(scratch, input);
    keccak.write(types.offer, 0, 32);
    keccak.write(data, parts.offer, parts.offer + 7 * 32);
    // The place of the predicate's hash is free by now.
    keccak.digest(scratch, predicate);
    keccak.write(types.request, 0, 32);
    word(data, parts.id);
    word(scratch, requirements);
    word(scratch, image);
    word(scratch, input);
    word(scratch, predicate);
    keccak.digest(scratch, callback);
    keccak.write(prefix, 0, prefix.length);
    word(scratch, callback);
    keccak.digest(out, at);
  };
}

function domainSeparator(
  keccak: Keccak256,
  textHash: (text: string) => Buffer,
  chainId: number,
  market: string,
): Buffer {
  const words = Buffer.concat([
    textHash(DOMAIN),
    textHash("IBoundlessMarket"),
    textHash("1"),
    Buffer.from(chainId.toString(16).padStart(64, "0"), "hex"),
    Buffer.from(market.slice(2).padStart(64, "0"), "hex"),
  ]);
  const separator = Buffer.alloc(32);
  keccak.write(words, 0, words.length);
  keccak.digest(separator, 0);
  return separator;
}
