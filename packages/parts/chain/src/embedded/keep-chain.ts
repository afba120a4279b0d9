// Keeps a brought-up chain going: mines on time or on demand, writes snapshots, and brings anvil back when it dies or hangs.
import { backoffMs } from "@tidegate/kernel";
import { stopAnvil } from "./anvil-process.ts";
import { bringUp, snapshotFolder, type BringUpDeps, type LiveNode } from "./bring-up.ts";
import type { ChainHead } from "./chain-node.ts";
import { ChainRewound, ChainStopped, JournalNotWritten } from "./errors.ts";
import type { Gate } from "./gate.ts";
import { isRunning } from "./process-identity.ts";
import { produceBlock } from "./produce-block.ts";
import { findSnapshot, writeSnapshot } from "./snapshot.ts";

export interface KeeperDeps extends BringUpDeps {
  readonly gate: Gate;
  readonly blockTimeMs: number | "manual";
  readonly snapshotEveryBlocks: number;
}

export interface ChainKeeper {
  node(): LiveNode;
  head(): ChainHead;
  mine(count: number, timestamp: number | undefined): Promise<ChainHead>;
  /** Stops mining; anvil is left running. */
  end(): Promise<void>;
}

/** How often it is looked whether anvil still runs. */
const WATCH_EVERY_MS = 250;

/** The longest standstill for a snapshot that is done regularly; the example's traffic has a margin of 15 s. */
const MAX_SNAPSHOT_MS = 8_000;

/** Starts of anvil in a row without a block between them before the chain gives up. */
const MAX_REVIVALS = 5;

export function keepChain(deps: KeeperDeps, first: LiveNode): ChainKeeper {
  const { gate, clock, onEvent, blockTimeMs } = deps;
  const ending = new AbortController();
  const state: KeeperState = {
    node: first,
    head: first.head,
    snapshotAt: findSnapshot(snapshotFolder(deps.dataDir))?.number ?? 0,
    snapshotMs: 0,
    revivals: 0,
  };
  let queue: Promise<unknown> = Promise.resolve();

  /** One at a time: mining, reviving. */
  const serially = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(() => {
      ending.signal.throwIfAborted();
      return work();
    });
    queue = result.catch(() => undefined);
    return result;
  };

  /** Repeats `work` until the keeper ends; what it throws ends the keeper. */
  const loop = async (everyMs: number, work: () => Promise<void>): Promise<void> => {
    let due = clock.monotonicMs();
    try {
      for (;;) {
        due = Math.max(due + everyMs, clock.monotonicMs());
        await clock.sleep(Math.max(0, due - clock.monotonicMs()), ending.signal);
        await work();
      }
    } catch (error) {
      if (ending.signal.aborted) return;
      ending.abort(new ChainStopped({ cause: error }));
      gate.shut();
      onEvent({ code: "chain.failed", error });
    }
  };

  const loops = [
    loop(WATCH_EVERY_MS, async () => {
      if (!isRunning(state.node.anvil)) await serially(() => revive(deps, state));
    }),
  ];
  if (blockTimeMs !== "manual") {
    loops.push(
      loop(blockTimeMs, () => serially(() => produce(deps, state, Math.floor(clock.now().getTime() / 1_000)))),
    );
  }
  gate.open(first.anvil.port);

  return {
    node: () => state.node,
    head: () => state.head,
    mine: (count, timestamp = 0) =>
      serially(async () => {
        for (let index = 0; index < count; index++) await produce(deps, state, timestamp + index);
        return state.head;
      }),
    end: async () => {
      ending.abort(new ChainStopped({}));
      await Promise.all(loops);
      await queue;
      await state.node.rpc.close();
    },
  };
}

interface KeeperState {
  node: LiveNode;
  head: ChainHead;
  /** Number of the block of the newest snapshot, or of the newest attempt at one. */
  snapshotAt: number;
  /** How long the newest snapshot took. */
  snapshotMs: number;
  revivals: number;
}

/** One more block, at the earliest at `timestamp` and at least a second after the head. */
async function produce(deps: KeeperDeps, state: KeeperState, timestamp: number): Promise<void> {
  const { journal, gate } = deps;
  const target = state.head.number + 1;
  const at = Math.max(timestamp, state.head.timestamp + 1);
  // A block that was journaled before anvil died is there after the revival.
  while (state.head.number < target) {
    try {
      const block = await produceBlock({ rpc: state.node.rpc, journal, gate }, state.head, at);
      deps.onEvent({
        code: "chain.block",
        number: block.number,
        timestamp: block.timestamp,
        transactions: block.transactions,
      });
      state.head = block;
      state.revivals = 0;
    } catch (error) {
      if (error instanceof ChainRewound || error instanceof JournalNotWritten) throw error;
      if (++state.revivals > MAX_REVIVALS) throw error;
      await revive(deps, state);
    }
  }
  await snapshotWhenDue(deps, state);
}

/** A new anvil in the place of one that is dead, or does not answer. Clients wait at the gate. */
async function revive(deps: KeeperDeps, state: KeeperState): Promise<void> {
  const { gate, clock } = deps;
  deps.onEvent({ code: "chain.anvil-died", anvilPid: state.node.anvil.pid });
  gate.shut();
  await state.node.rpc.close();
  await stopAnvil(state.node.anvil, clock);
  if (state.revivals > 1) await clock.sleep(backoffMs(state.revivals, {}));
  state.node = await bringUp(deps);
  state.head = state.node.head;
  gate.open(state.node.anvil.port);
}

/**
 * A snapshot holds the whole chain, and the chain stands still while it is written: some seconds after some hours. So distances grow
 * with the chain, to some 3 % of it, and no snapshot follows one that took too long until the chain is twice as long.
 */
async function snapshotWhenDue(deps: KeeperDeps, state: KeeperState): Promise<void> {
  const { clock, onEvent } = deps;
  const { number } = state.head;
  const share = state.snapshotMs > MAX_SNAPSHOT_MS ? 1 : 1 / 30;
  if (number - state.snapshotAt < Math.max(deps.snapshotEveryBlocks, state.snapshotAt * share)) return;
  const start = clock.monotonicMs();
  state.snapshotAt = number;
  try {
    await writeSnapshot(state.node.rpc, snapshotFolder(deps.dataDir), state.head);
  } catch (error) {
    // Only the next start is slower for it; the next snapshot is tried at its time.
    onEvent({ code: "chain.snapshot-failed", number, error });
    return;
  }
  await deps.journal.startSegment();
  state.snapshotMs = Math.round(clock.monotonicMs() - start);
  onEvent({ code: "chain.snapshot-written", number, durationMs: state.snapshotMs });
}
