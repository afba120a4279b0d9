// What travels through the pipeline: fetched → decoded → stored.
import type { MarketEventArgs, MarketEventName, ProofRequest } from "./decode/abi.ts";

/** Block numbers from `from` to `to`, both included. */
export interface BlockRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** A log as the endpoint gives it; topics, data and hashes are "0x…". */
export interface FetchedLog {
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockNumber: bigint;
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly logIndex: number;
}

export interface BlockHeader {
  readonly number: bigint;
  readonly hash: string;
  readonly parentHash: string;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** Wei; null before EIP-1559. */
  readonly baseFeePerGas: bigint | null;
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
  /** By number: each block with a log, and the range's last. */
  readonly headers: ReadonlyMap<bigint, BlockHeader>;
  /** By hash: each transaction with a log. */
  readonly transactions: ReadonlyMap<string, TransactionOrigin>;
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
