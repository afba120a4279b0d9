// What travels through the pipeline: fetched → decoded → stored.
import type { MarketEventArgs, MarketEventName, ProofRequest } from "./decode/abi.ts";

/** Block numbers from `from` to `to`, both included. */
export interface BlockRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** A log as the endpoint gives it; topics and hashes are "0x…". */
export interface FetchedLog {
  readonly topics: readonly string[];
  readonly data: Buffer;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly logIndex: number;
}

/** A block by its number and its hash. */
export interface BlockPlace {
  readonly number: bigint;
  readonly hash: string;
}

/** What is kept of a block that may still be undone. */
export interface KeptBlock extends BlockPlace {
  readonly parentHash: string;
  /** Unix seconds. */
  readonly timestamp: bigint;
}

export interface BlockHeader extends KeptBlock {
  /** Wei; null before EIP-1559. */
  readonly baseFeePerGas: bigint | null;
  /** "0x…", 256 bytes; null on a chain without blooms. */
  readonly logsBloom: string | null;
}

/** The block that the next one must follow on. */
export interface PreviousBlock extends BlockPlace {
  /** Unix seconds; undefined where it is not known. */
  readonly timestamp: bigint | undefined;
}

/** Who sent a transaction, and where it stands. */
export interface TransactionOrigin {
  readonly from: string;
  readonly transactionIndex: number;
  readonly blockNumber: bigint;
  readonly blockHash: string;
}

/** All that the chain says about one range; consistent in itself (see `checkBatch`). */
export interface FetchedBatch {
  readonly range: BlockRange;
  /** In chain order. */
  readonly logs: readonly FetchedLog[];
  /** By number: each block with a log, the first and the last, and each from `windowFrom` on; more where all are checked. */
  readonly headers: ReadonlyMap<bigint, BlockHeader>;
  /** By hash: each transaction with a log. */
  readonly transactions: ReadonlyMap<string, TransactionOrigin>;
  /** First block that may still be undone. */
  readonly windowFrom: bigint;
}

/** Of a fetched batch, what is stored of its blocks themselves. */
export type StoredRange = Pick<FetchedBatch, "range" | "headers" | "windowFrom">;

/** A log of the market that does not decode, and why. */
export interface DeadLetter {
  readonly log: FetchedLog;
  /** Unix seconds. */
  readonly blockTimestamp: bigint;
  /** What its first topic stands for; undefined when that is none of the market's. */
  readonly event: string | undefined;
  readonly reason: string;
}

/** Where an event stands on the chain, and when that was. */
export interface EventPlace {
  readonly blockNumber: bigint;
  readonly logIndex: number;
  readonly txHash: Buffer;
  readonly blockTimestamp: bigint;
}

interface Decoded<N extends MarketEventName> {
  readonly name: N;
  readonly place: EventPlace;
  readonly args: MarketEventArgs<N>;
}

/** An event that carries the whole request, whose digest (32 bytes) is computed from it. */
type CarryingEvent = (Decoded<"RequestSubmitted"> | Decoded<"RequestLocked">) & { readonly digest: Buffer };

export type MarketEvent =
  | CarryingEvent
  | { [N in Exclude<MarketEventName, "RequestSubmitted" | "RequestLocked">]: Decoded<N> }[Exclude<
      MarketEventName,
      "RequestSubmitted" | "RequestLocked"
    >];

/** The events of one name. */
export type EventOf<N extends MarketEventName> = Extract<MarketEvent, { readonly name: N }>;

/** A request of the order stream; its digest is computed from it. */
export interface OffchainRequest {
  readonly digest: Buffer;
  readonly request: ProofRequest;
  readonly clientSignature: Buffer;
  /** Unix seconds. */
  readonly createdAt: bigint;
}
