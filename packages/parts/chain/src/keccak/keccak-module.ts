// Keccak-f[1600] as WebAssembly, written by a program: JavaScript has no 64-bit words, and in it hashing would be what an indexer spends
// most of its time on. FIPS 202, 3.2.

/** Bytes of a block of Keccak-256. */
export const RATE = 136;
/** In the module's memory: the state (25 words of 64 bits, little-endian), the round constants, the message. */
const CONSTANTS_AT = 256;
export const INPUT_AT = 1_024;
const PAGES = 4;
const PAGE_BYTES = 65_536;
/** Bytes of the message that fit at once; whole blocks. */
export const INPUT_BYTES = Math.floor((PAGES * PAGE_BYTES - INPUT_AT) / RATE) * RATE;

export interface KeccakModule {
  /** Its memory. */
  readonly bytes: Uint8Array;
  /** Takes in the block at an address; the state is the first 200 bytes. */
  readonly absorb: (at: number) => void;
}

/** What of WebAssembly is used; the language's own types come with those of a browser. */
interface WasmApi {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

export function createKeccakModule(): KeccakModule {
  const wasm = (globalThis as unknown as { readonly WebAssembly: WasmApi }).WebAssembly;
  const memory = new wasm.Memory({ initial: PAGES });
  const { exports } = new wasm.Instance(new wasm.Module(moduleBytes()), { env: { memory } });
  const constants = new BigUint64Array(memory.buffer, CONSTANTS_AT, 24);
  for (const [round, constant] of roundConstants().entries()) constants[round] = constant;
  return { bytes: new Uint8Array(memory.buffer), absorb: exports["absorb"] as KeccakModule["absorb"] };
}

/** By the linear feedback shift register of FIPS 202, 3.2.5. */
function roundConstants(): bigint[] {
  let register = 1;
  return Array.from({ length: 24 }, () => {
    let constant = 0n;
    for (let j = 0; j <= 6; j++) {
      if ((register & 1) === 1) constant |= 1n << ((1n << BigInt(j)) - 1n);
      register = (register << 1) ^ ((register >> 7) * 0x171);
    }
    return constant;
  });
}

function rotations(): number[] {
  const offsets = Array.from({ length: 25 }, () => 0);
  for (let t = 0, x = 1, y = 0; t < 24; t++) {
    offsets[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
    [x, y] = [y, (2 * x + 3 * y) % 5];
  }
  return offsets;
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>>= 7) {
    if (left < 0x80) return [...bytes, left];
    bytes.push((left & 0x7f) | 0x80);
  }
}

function signedLeb(value: number): number[] {
  const bytes: number[] = [];
  for (let left = value; ; left >>= 7) {
    const low = left & 0x7f;
    if ((left >> 7 === 0 && low < 0x40) || (left >> 7 === -1 && low >= 0x40)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

// Locals: the block's address, the round's offset (both i32), then 64-bit words: A, B, C and D of the standard.
const BLOCK = 0;
const ROUND = 1;
const A = 2;
const B = A + 25;
const C = B + 25;
const D = C + 5;
const WORDS = 25 + 25 + 5 + 5;

const get = (local: number): number[] => [0x20, ...leb(local)];
const set = (local: number): number[] => [0x21, ...leb(local)];
const int = (value: number): number[] => [0x41, ...signedLeb(value)];
const load = (offset: number): number[] => [0x29, 3, ...leb(offset)];
const store = (offset: number): number[] => [0x37, 3, ...leb(offset)];
const XOR = 0x85;
const AND = 0x83;
const NOT = [0x42, 0x7f, XOR];
const rotate = (bits: number): number[] => [0x42, ...signedLeb(bits), 0x89];

function absorbBody(): number[] {
  const lanes = [...Array(25).keys()];
  const five = [0, 1, 2, 3, 4];
  const offsets = rotations();
  const begin = lanes.flatMap((lane) => [
    ...int(0),
    ...load(lane * 8),
    ...(lane < RATE / 8 ? [...get(BLOCK), ...load(lane * 8), XOR] : []),
    ...set(A + lane),
  ]);
  const theta = [
    ...five.flatMap((x) => [
      ...get(A + x),
      ...[5, 10, 15, 20].flatMap((row) => [...get(A + x + row), XOR]),
      ...set(C + x),
    ]),
    ...five.flatMap((x) => [...get(C + ((x + 4) % 5)), ...get(C + ((x + 1) % 5)), ...rotate(1), XOR, ...set(D + x)]),
  ];
  const rhoPi = lanes.flatMap((lane) => {
    const [x, y] = [lane % 5, Math.floor(lane / 5)];
    const to = y + 5 * ((2 * x + 3 * y) % 5);
    return [...get(A + lane), ...get(D + x), XOR, ...rotate(offsets[lane] ?? 0), ...set(B + to)];
  });
  const chi = lanes.flatMap((lane) => {
    const row = lane - (lane % 5);
    const next = (by: number): number[] => get(B + row + ((lane + by) % 5));
    return [...get(B + lane), ...next(1), ...NOT, ...next(2), AND, XOR, ...set(A + lane)];
  });
  const iota = [...get(A), ...get(ROUND), ...load(CONSTANTS_AT), XOR, ...set(A)];
  const again = [...get(ROUND), ...int(8), 0x6a, 0x22, ...leb(ROUND), ...int(24 * 8), 0x49, 0x0d, 0];
  const loop = [0x03, 0x40, ...theta, ...rhoPi, ...chi, ...iota, ...again, 0x0b];
  const end = lanes.flatMap((lane) => [...int(0), ...get(A + lane), ...store(lane * 8)]);
  return [...begin, ...loop, ...end, 0x0b];
}

/** "\\0asm", version 1. */
const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: number[]): number[] => [id, ...leb(content.length), ...content];
  const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
  const locals = [2, 1, 0x7f, ...leb(WORDS), 0x7e];
  const code = [...locals, ...absorbBody()];
  return Uint8Array.from([
    ...MAGIC,
    ...section(1, [1, 0x60, 1, 0x7f, 0]),
    ...section(2, [1, ...name("env"), ...name("memory"), 2, 0, PAGES]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name("absorb"), 0, 0]),
    ...section(10, [1, ...leb(code.length), ...code]),
  ]);
}
