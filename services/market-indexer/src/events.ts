// What the indexer tells its host; it never prints by itself.
import type { RpcEvent } from "@tidegate/chain";
import type { MigrationEvent, PoolEvent } from "@tidegate/postgres";
import type { MarketEventName } from "./decode/abi.ts";
import type { RefusedOrder } from "./fetch/order-stream.ts";
import type { Standing } from "./store/standing.ts";
import type { BlockRange } from "./types.ts";

export interface Progress {
  /** Newest block that may be indexed: the chain's head less --block-delay. */
  readonly head: bigint;
  /** Last block whose events are stored; undefined before the first batch. */
  readonly indexedBlock: bigint | undefined;
  readonly lagBlocks: bigint;
  /** Stored since the process started. */
  readonly events: number;
  /** Stored in the last ten seconds, per second. */
  readonly eventsPerSecond: number;
}

export type PipelineEvent =
  /** Chain, database and lock are as they must be; the loop begins. */
  | { readonly code: "indexer.started"; readonly chainId: bigint; readonly indexedBlock: bigint | undefined }
  /** Committed. */
  | {
      readonly code: "indexer.batch-stored";
      readonly range: BlockRange;
      readonly events: ReadonlyMap<MarketEventName, number>;
      readonly offchainRequests: number;
      readonly deadLetters: number;
    }
  /** The chain was reorganised: the blocks after `forkBlock`, to `undoneTo`, were taken back. */
  | {
      readonly code: "indexer.reorg-undone";
      readonly forkBlock: bigint;
      readonly undoneTo: bigint;
      readonly undoneEvents: number;
    }
  /** Blocks that were missing between others are stored. */
  | { readonly code: "indexer.gap-filled"; readonly range: BlockRange; readonly events: number }
  /** At the start, and with each look at the head. */
  | ({ readonly code: "indexer.standing" } & Standing)
  /** After each look at the head. */
  | ({ readonly code: "indexer.progress" } & Progress)
  /** The endpoint's head is before what is stored: a node that catches up; with `error` one that has not done so for a while. */
  | {
      readonly code: "indexer.node-behind";
      readonly head: bigint;
      readonly indexedBlock: bigint;
      /** How often in a row by now. */
      readonly looks: number;
      readonly error: Error | undefined;
    }
  | {
      readonly code: "indexer.retrying";
      readonly failures: number;
      readonly retries: number;
      readonly waitMs: number;
      readonly error: Error;
    };

export type IndexerEvent = PipelineEvent | RefusedOrder | RpcEvent | MigrationEvent | PoolEvent;
