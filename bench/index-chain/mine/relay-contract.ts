// A contract that emits whatever logs it is told to: the market's address on the chain of a bench. Its one argument is the address of
// a data contract, whose code is a list of records: a word with the number of topics (first byte, 2 or 3) and the length of the data
// (next four), three words of topics, the data. So a call of a few bytes emits many events, as a router's batch does.
import type { EmittedEvent } from "../market-events.ts";

/** Mnemonics that the listing below uses. */
const OPCODES: Readonly<Record<string, number>> = {
  STOP: 0x00,
  ADD: 0x01,
  LT: 0x10,
  EQ: 0x14,
  ISZERO: 0x15,
  AND: 0x16,
  SHR: 0x1c,
  CALLDATALOAD: 0x35,
  CODECOPY: 0x39,
  EXTCODESIZE: 0x3b,
  EXTCODECOPY: 0x3c,
  MLOAD: 0x51,
  JUMP: 0x56,
  JUMPI: 0x57,
  JUMPDEST: 0x5b,
  PUSH0: 0x5f,
  DUP1: 0x80,
  DUP2: 0x81,
  DUP3: 0x82,
  DUP4: 0x83,
  DUP5: 0x84,
  DUP6: 0x85,
  SWAP1: 0x90,
  LOG2: 0xa2,
  LOG3: 0xa3,
  RETURN: 0xf3,
};

/** `0x..` pushes those bytes, `:name` marks a place, `@name` pushes it, `;` begins a comment with the stack, top last. */
const LISTING = `
  PUSH0 CALLDATALOAD DUP1 EXTCODESIZE          ; source size
  DUP1 PUSH0 PUSH0 DUP5 EXTCODECOPY PUSH0      ; source size at
  :loop DUP2 DUP2 LT ISZERO @end JUMPI
  DUP1 MLOAD DUP1 0xd8 SHR 0xffffffff AND      ; source size at head length
  SWAP1 0xf8 SHR 0x03 EQ @three JUMPI          ; source size at length
  DUP2 0x40 ADD MLOAD DUP3 0x20 ADD MLOAD      ; … topic1 topic0
  DUP3 DUP5 0x80 ADD LOG2 @next JUMP
  :three
  DUP2 0x60 ADD MLOAD DUP3 0x40 ADD MLOAD DUP4 0x20 ADD MLOAD
  DUP4 DUP6 0x80 ADD LOG3
  :next ADD 0x80 ADD @loop JUMP
  :end STOP`;

/** The code to deploy it with: `0x…`. */
export function relayInitCode(): string {
  const code = assemble(LISTING);
  const prefix = assemble(`0x${hexByte(code.length)} DUP1 0x0a PUSH0 CODECOPY PUSH0 RETURN`);
  if (prefix.length > 10) throw new RangeError("the relay's init code does not fit");
  return `0x${Buffer.concat([prefix, Buffer.alloc(10 - prefix.length), code]).toString("hex")}`;
}

/** The code of a data contract. */
export function relayData(events: readonly EmittedEvent[]): string {
  const records = events.flatMap(({ topics, data }) => {
    const head = Buffer.alloc(128);
    head.writeUInt8(topics.length, 0);
    head.writeUInt32BE(data.length, 1);
    for (const [index, topic] of topics.entries()) topic.copy(head, 32 + index * 32);
    return [head, data];
  });
  return `0x${Buffer.concat(records).toString("hex")}`;
}

function assemble(listing: string): Buffer {
  const words = listing.replaceAll(/;.*$/gm, "").split(/\s+/).filter(Boolean);
  const places = new Map<string, number>();
  let at = 0;
  for (const word of words) {
    if (word.startsWith(":")) places.set(word.slice(1), at);
    at += word.startsWith("0x") ? word.length / 2 : word.startsWith("@") ? 2 : 1;
  }
  const bytes = words.map((word) => {
    if (word.startsWith("0x")) return hexByte(0x5f + (word.length - 2) / 2) + word.slice(2);
    if (word.startsWith("@")) return `60${hexByte(places.get(word.slice(1)) ?? NaN)}`;
    return hexByte(OPCODES[word.startsWith(":") ? "JUMPDEST" : word] ?? NaN);
  });
  return Buffer.from(bytes.join(""), "hex");
}

function hexByte(value: number): string {
  if (!(value >= 0 && value <= 0xff)) throw new RangeError(`${value} is no byte of the relay's code`);
  return value.toString(16).padStart(2, "0");
}
