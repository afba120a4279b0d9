// A chain of our own that survives kill -9: anvil, which keeps everything in memory, behind a gate, with a journal of its blocks on
// disk from which it is brought back. Adopts the anvil that a killed wrapper left, and starts a dead one anew.
import { mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { systemClock, type Clock } from "@tidegate/kernel";
import { stopAnvil } from "./anvil-process.ts";
import { bringUp } from "./bring-up.ts";
import type { ChainEvent } from "./chain-event.ts";
import type { ChainHead } from "./chain-node.ts";
import { checkChainId, ownFolder } from "./folder-owner.ts";
import { createGate } from "./gate.ts";
import { openJournal } from "./journal.ts";
import { keepChain } from "./keep-chain.ts";

export interface EmbeddedChainOptions {
  /** Holds the journal and the snapshots; made if needed. */
  readonly dataDir: string;
  /** Port of 127.0.0.1 for clients; 0 takes any free one. */
  readonly port: number;
  /** A block every so many milliseconds, empty ones too; "manual": only when `mine` is called. */
  readonly blockTimeMs: number | "manual";
  /** Default 31337. A folder keeps the chain id that it began with. */
  readonly chainId?: number;
  /** Blocks after a snapshot before the next one is written, at least; it grows with the chain. Default 60. */
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

/** Starts, adopts or brings back the chain of a folder; resolves when clients can use it. */
export async function startEmbeddedChain(options: EmbeddedChainOptions): Promise<EmbeddedChain> {
  const { port, blockTimeMs, chainId = 31_337, snapshotEveryBlocks = 60, clock = systemClock } = options;
  const onEvent = options.onEvent ?? (() => undefined);
  mkdirSync(options.dataDir, { recursive: true });
  const dataDir = realpathSync(options.dataDir);

  await using opened = new AsyncDisposableStack();
  opened.defer(ownFolder(dataDir));
  checkChainId(dataDir, chainId);
  const gate = await createGate(port);
  opened.defer(() => gate.close());
  const journal = await openJournal(join(dataDir, "journal"));
  opened.defer(() => journal.close());
  const node = await bringUp({ dataDir, chainId, journal, clock, onEvent });
  const keeper = keepChain({ dataDir, chainId, journal, gate, clock, onEvent, blockTimeMs, snapshotEveryBlocks }, node);
  opened.defer(async () => {
    await keeper.end();
    await stopAnvil(keeper.node().anvil, clock);
  });
  const closing = opened.move();

  return {
    url: `http://127.0.0.1:${gate.port}`,
    port: gate.port,
    pid: () => keeper.node().anvil.pid,
    head: () => keeper.head(),
    mine: (count = 1, at = {}) => keeper.mine(count, at.timestamp),
    stop: () => closing.disposeAsync(),
  };
}
