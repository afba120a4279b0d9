// A chain of our own that survives kill -9: anvil, which keeps everything in memory, behind a gate, with a journal of its blocks on
// disk from which it is brought back. Adopts the anvil that a killed wrapper left, and starts a dead one anew.
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { backoffMs, systemClock, type Clock } from "@tidegate/kernel";
import { stopAnvil } from "./anvil-process.ts";
import { bringUp, snapshotFolder, type LiveNode } from "./bring-up.ts";
import type { ChainEvent } from "./chain-event.ts";
import type { ChainHead } from "./chain-node.ts";
import { ChainRewound, ChainStopped } from "./errors.ts";
import { ownFolder } from "./folder-owner.ts";
import { createGate, type Gate } from "./gate.ts";
import { openJournal, type Journal } from "./journal.ts";
import { isRunning } from "./process-identity.ts";
import { produceBlock } from "./produce-block.ts";
import { writeSnapshot } from "./snapshot.ts";

export interface EmbeddedChainOptions {
  /** Holds the journal and the snapshots; made if needed. */
  readonly dataDir: string;
  /** Port of 127.0.0.1 for clients; 0 takes any free one. */
  readonly port: number;
  /** A block every so many milliseconds, empty ones too; "manual": only when `mine` is called. */
  readonly blockTimeMs: number | "manual";
  /** Default 31337. A folder keeps the chain id that it began with. */
  readonly chainId?: number;
  /** Blocks after a snapshot before the next one is written, at least; it grows with the chain. Default 300. */
  readonly snapshotEveryBlocks?: number;
  readonly onEvent?: (event: ChainEvent) => void;
  /** Default the system's. */
  readonly clock?: Clock;
}

export interface EmbeddedChain {
  /** JSON-RPC address for clients. */
  readonly url: string;
  readonly port: number;
  /** Of the anvil that runs now. */
  pid(): number;
  /** The newest block that is safe on disk. */
  head(): ChainHead;
  /**
   * Mines `count` blocks (default 1) of what is pending. The first one has `timestamp` (unix seconds, later than the head's; default
   * one second later), each further one a second more. Returns the head.
   */
  mine(count?: number, options?: { readonly timestamp?: number }): Promise<ChainHead>;
  /** Stops anvil and gives the port and the folder back. */
  stop(): Promise<void>;
}
