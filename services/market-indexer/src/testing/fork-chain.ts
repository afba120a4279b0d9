// A chain in memory that is reorganised on demand, as its endpoints would show it: hashes, blooms, receipts and all.
import type { Random } from "@tidegate/kernel";
import type { MarketEvent } from "../types.ts";
import { bloomWithEthers, encodeWithEthers } from "./ethers-oracle.ts";
import { MARKET_ADDRESS, randomEvent, randomRequests } from "./random-history.ts";
import { hash32, type PlacedLater, type SyntheticRequest } from "./synthetic-chain.ts";

export interface ForkLog {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: string;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly transactionIndex: string;
  readonly logIndex: string;
  readonly removed: boolean;
}

export interface ForkBlock {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: bigint;
  readonly bloom: string;
  /** Of the market. */
  readonly logs: readonly ForkLog[];
  /** What the market's logs stand for; a log that does not decode is left out. */
  readonly events: readonly MarketEvent[];
  readonly transactions: readonly Transaction[];
}

/** A reorganisation may take it into another block. */
interface Transaction {
  readonly hash: Buffer;
  /** What it does: at least one. */
  readonly acts: readonly Act[];
}

interface Act {
  readonly build: PlacedLater;
  readonly topics: readonly string[];
  readonly data: string;
  /** Its data is cut off, so that it does not decode. */
  readonly isBroken: boolean;
}

export interface ForkChain {
  /** From the block before the first one that is indexed; another list after each change. */
  readonly blocks: readonly ForkBlock[];
  /** Blocks that were reorganised away, the latest last. */
  readonly orphans: readonly ForkBlock[];
  readonly head: ForkBlock;
  /** What its events are about. */
  readonly requests: readonly SyntheticRequest[];
  mine(count: number): void;
  /** Takes the last blocks away. */
  shrink(depth: number): void;
  /** Takes the last blocks away, and mines as many and some more: with some of the same transactions in other places. */
  reorganise(depth: number, more: number): void;
}

export const FIRST_BLOCK = 100n;

const hex = (bytes: Buffer): string => `0x${bytes.toString("hex")}`;
export const quantity = (value: bigint | number): string => `0x${value.toString(16)}`;

/** `brokenRate`: of logs that do not decode, 0 to 1. */
export function createForkChain(random: Random, { brokenRate = 0.02 } = {}): ForkChain {
  // Few different ones: encoding them with ethers is what a simulation would spend its time on.
  const requests = randomRequests(random);
  const happenings = Array.from({ length: 60 }, () => encoded(randomEvent(random, requests)));
  let blocks: ForkBlock[] = [
    buildBlock({ number: FIRST_BLOCK - 1n, parent: undefined, timestamp: 989n, transactions: [] }),
  ];
  const orphans: ForkBlock[] = [];
  let made = 0;
  let waiting: Transaction[] = [];
  const headOf = (): ForkBlock => blocks.at(-1) ?? fail();
  const nextTransaction = (): Transaction => {
    const again = random.next() < 0.6 ? waiting.shift() : undefined;
    if (again !== undefined) return again;
    const act = (): Act => ({ ...random.pick(happenings), isBroken: random.next() < brokenRate });
    const acts = Array.from({ length: random.next() < 0.2 ? 2 : 1 }, act);
    return { hash: hash32("tx", made++, random.next()), acts };
  };
  const mine = (count: number): void => {
    const mined = [...blocks];
    for (let index = 0; index < count; index++) {
      const parent = mined.at(-1) ?? fail();
      const transactions = Array.from({ length: random.integer(0, 3) }, nextTransaction);
      const timestamp = parent.timestamp + BigInt(random.integer(1, 15));
      mined.push(buildBlock({ number: parent.number + 1n, parent, timestamp, transactions, salt: random.next() }));
    }
    blocks = mined;
  };
  const shrink = (depth: number): void => {
    const kept = Math.max(1, blocks.length - depth);
    const gone = blocks.slice(kept);
    blocks = blocks.slice(0, kept);
    orphans.push(...gone);
    waiting = [...waiting, ...gone.flatMap(({ transactions }) => transactions)];
  };
  return {
    get blocks() {
      return blocks;
    },
    orphans,
    requests,
    get head() {
      return headOf();
    },
    mine,
    shrink,
    reorganise: (depth, more) => {
      const before = blocks.length;
      shrink(depth);
      mine(before - blocks.length + more);
      waiting = [];
    },
  };
}

function encoded(build: PlacedLater): Omit<Act, "isBroken"> {
  const { name, args } = build({ blockNumber: 0n, logIndex: 0, txHash: Buffer.alloc(32), blockTimestamp: 0n });
  return { build, ...encodeWithEthers(name, args) };
}

interface BlockParts {
  readonly number: bigint;
  readonly parent: ForkBlock | undefined;
  readonly timestamp: bigint;
  readonly transactions: readonly Transaction[];
  /** Makes blocks that are otherwise the same differ. */
  readonly salt?: number;
}

function buildBlock({ number, parent, timestamp, transactions, salt }: BlockParts): ForkBlock {
  const hash = hex(hash32("fork", number, parent?.hash, salt));
  const placed = transactions
    .flatMap(({ hash: txHash, acts }, transactionIndex) => acts.map((act) => ({ act, txHash, transactionIndex })))
    .map(({ act, txHash, transactionIndex }, logIndex) => ({
      act,
      transactionIndex,
      event: act.build({ blockNumber: number, logIndex, txHash, blockTimestamp: timestamp }),
    }));
  const logs = placed.map(({ act, event, transactionIndex }) => logOf(event, hash, transactionIndex, act));
  return {
    number,
    hash,
    parentHash: parent?.hash ?? hex(hash32("before")),
    timestamp,
    bloom: bloomWithEthers(logs),
    logs,
    events: placed.flatMap(({ act, event }) => (act.isBroken ? [] : [event])),
    transactions,
  };
}

function logOf(
  event: MarketEvent,
  blockHash: string,
  transactionIndex: number,
  { topics, data, isBroken }: Act,
): ForkLog {
  const { blockNumber, logIndex, txHash } = event.place;
  return {
    topics,
    data: isBroken ? data.slice(0, 2 + 32) : data,
    address: MARKET_ADDRESS,
    blockNumber: quantity(blockNumber),
    blockHash,
    transactionHash: hex(txHash),
    transactionIndex: quantity(transactionIndex),
    logIndex: quantity(logIndex),
    removed: false,
  };
}

function fail(): never {
  throw new Error("The chain has a block");
}
