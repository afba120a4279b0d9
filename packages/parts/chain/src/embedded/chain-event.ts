// What an embedded chain tells its host.
import type { TidegateError } from "@tidegate/kernel";

export type ChainEvent =
  /** A running anvil, left by a wrapper that was killed, was taken over. */
  | { readonly code: "chain.adopted"; readonly anvilPid: number; readonly number: number }
  /** A fresh anvil holds the chain again. */
  | {
      readonly code: "chain.replayed";
      readonly anvilPid: number;
      readonly number: number;
      /** Blocks that came from the snapshot, the others were mined again. */
      readonly fromSnapshot: number;
      readonly durationMs: number;
    }
  | { readonly code: "chain.block"; readonly number: number; readonly timestamp: number; readonly transactions: number }
  | { readonly code: "chain.snapshot-written"; readonly number: number; readonly durationMs: number }
  /** The chain goes on; a start replays more blocks. */
  | { readonly code: "chain.snapshot-failed"; readonly number: number; readonly error: unknown }
  /** A snapshot or the fast replay gave other hashes; everything is mined again, slowly. */
  | { readonly code: "chain.replay-repeated"; readonly error: TidegateError }
  /** anvil ended by itself and is started anew. */
  | { readonly code: "chain.anvil-died"; readonly anvilPid: number }
  /** The end: the chain cannot be kept running. */
  | { readonly code: "chain.failed"; readonly error: unknown };
