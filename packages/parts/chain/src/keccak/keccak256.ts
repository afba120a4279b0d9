// The hash of Ethereum: Keccak-256 as submitted to NIST, which pads with 0x01, before SHA-3 changed that. FIPS 202, 4 and 5.1.
import { createKeccakModule, INPUT_AT, INPUT_BYTES, RATE, type KeccakModule } from "./keccak-module.ts";

export interface Keccak256 {
  /** More of the message: `bytes` from `start` to before `end`. */
  readonly write: (bytes: Uint8Array, start: number, end: number) => void;
  /** Writes the hash of the message, 32 bytes, into `out` at `at`, and begins the next one. */
  readonly digest: (out: Uint8Array, at: number) => void;
}

const HASH_BYTES = 32;
const STATE_BYTES = 200;
/** Up to here, one by one is faster than a view. */
const SHORT = 64;

/** One message after the other. */
export function createKeccak256(): Keccak256 {
  const module = createKeccakModule();
  const { bytes: memory } = module;
  let length = 0;
  return {
    write: (bytes, start, end) => {
      for (let from = start; from < end;) {
        const to = Math.min(end, from + INPUT_BYTES - length);
        copy(memory, INPUT_AT + length, bytes, from, to);
        length += to - from;
        from = to;
        // The last block waits: it may be the one to pad.
        if (length === INPUT_BYTES) length = absorb(module, length);
      }
    },
    digest: (out, at) => {
      const used = absorb(module, length);
      const last = INPUT_AT + RATE - 1;
      memory.fill(0, INPUT_AT + used, last + 1);
      memory[INPUT_AT + used] = 0x01;
      memory[last] = (memory[last] ?? 0) | 0x80;
      module.absorb(INPUT_AT);
      for (let index = 0; index < HASH_BYTES; index++) out[at + index] = memory[index] ?? 0;
      memory.fill(0, 0, STATE_BYTES);
      length = 0;
    },
  };
}

let shared: Keccak256 | undefined;

/** 32 bytes; a string is hashed as UTF-8. */
export function keccak256(data: Uint8Array | string): Buffer {
  shared ??= createKeccak256();
  const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : data;
  const hash = Buffer.allocUnsafe(HASH_BYTES);
  shared.write(bytes, 0, bytes.length);
  shared.digest(hash, 0);
  return hash;
}

/** Takes in all whole blocks, and moves what is left to the front; returns how much that is. */
function absorb({ bytes, absorb: take }: KeccakModule, length: number): number {
  const left = length % RATE;
  for (let at = 0; at < length - left; at += RATE) take(INPUT_AT + at);
  if (left > 0 && left < length) bytes.copyWithin(INPUT_AT, INPUT_AT + length - left, INPUT_AT + length);
  return left;
}

function copy(to: Uint8Array, at: number, from: Uint8Array, start: number, end: number): void {
  if (end - start > SHORT) to.set(from.subarray(start, end), at);
  else for (let index = start; index < end; index++) to[at + index - start] = from[index] ?? 0;
}
