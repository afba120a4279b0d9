// From what is on disk and what still runs to an anvil whose head is the journal's:
//   1. one anvil of this folder still runs and agrees with the journal: it is taken over
//   2. else all of them are stopped, and a new one begins with the snapshot and replays the journal after it
//   3. else, when that gives other hashes, a new one replays the whole journal, one transaction at a time
import { join } from "node:path";
import { TidegateError, type Clock } from "@tidegate/kernel";
import { findAnvils, startAnvil, stopAnvil, type AnvilProcess } from "./anvil-process.ts";
import type { ChainEvent } from "./chain-event.ts";
import { mineBlock, readBlock, type ChainHead } from "./chain-node.ts";
import { ReplayDiverged } from "./errors.ts";
import type { Journal } from "./journal.ts";
import { connectNode, type NodeRpc } from "./node-rpc.ts";
import { compareMined } from "./produce-block.ts";
import { replayBlocks } from "./replay.ts";
import { findSnapshot } from "./snapshot.ts";

export interface BringUpDeps {
  readonly dataDir: string;
  readonly chainId: number;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly onEvent: (event: ChainEvent) => void;
}

/** A running anvil that holds the journal's chain. */
export interface LiveNode {
  readonly anvil: AnvilProcess;
  readonly rpc: NodeRpc;
  readonly head: ChainHead;
}

export async function bringUp(deps: BringUpDeps): Promise<LiveNode> {
  const running = findAnvils(deps.dataDir);
  const [only] = running;
  if (only !== undefined && running.length === 1) {
    const adopted = await adopt(deps, only);
    if (adopted !== undefined) return adopted;
  }
  for (const anvil of running) await stopAnvil(anvil, deps.clock);
  try {
    return await replayInto(deps, "fast");
  } catch (error) {
    // A diverged snapshot and a batch taken up in another order look the same, and the slow way needs neither.
    if (!(error instanceof ReplayDiverged)) throw error;
    deps.onEvent({ code: "chain.replay-repeated", error });
    return replayInto(deps, "thorough");
  }
}

/** Where snapshots are kept in a chain's folder. */
export function snapshotFolder(dataDir: string): string {
  return join(dataDir, "snapshots");
}

/** Undefined when the orphan does not answer or holds another chain than the journal. */
async function adopt(deps: BringUpDeps, anvil: AnvilProcess): Promise<LiveNode | undefined> {
  const rpc = connectNode(anvil.port);
  try {
    const head = await catchUp(deps, rpc);
    deps.onEvent({ code: "chain.adopted", anvilPid: anvil.pid, number: head.number });
    return { anvil, rpc, head };
  } catch (error) {
    await rpc.close();
    if (error instanceof TidegateError) return undefined;
    throw error;
  }
}

/** The wrapper died before, within or after the mining of the newest journaled block: mines it if needed, journals it as it is. */
async function catchUp({ journal }: BringUpDeps, rpc: NodeRpc): Promise<ChainHead> {
  const last = journal.last();
  const latest = await latestBlock(rpc);
  if (last === undefined) {
    if (latest.number > 0) throw new ReplayDiverged({ block: 0, expected: "the head", actual: `below ${latest.hash}` });
    return latest;
  }
  const before = { number: last.number - 1, hash: last.parent, timestamp: 0 };
  if (latest.number === before.number) await mineBlock(rpc, last.timestamp);
  let head: ChainHead = await compareMined({ rpc, journal }, before, undefined);
  while (head.number < latest.number) head = await compareMined({ rpc, journal }, head, undefined);
  return head;
}

async function replayInto(deps: BringUpDeps, manner: "fast" | "thorough"): Promise<LiveNode> {
  const start = deps.clock.monotonicMs();
  const { dataDir, chainId, journal, clock } = deps;
  const snapshot = manner === "fast" ? findSnapshot(snapshotFolder(dataDir)) : undefined;
  const anvil = await startAnvil({ dataDir, chainId, clock, stateFile: snapshot?.file });
  const rpc = connectNode(anvil.port);
  try {
    const loaded = await latestBlock(rpc);
    if (snapshot !== undefined && loaded.hash !== snapshot.hash) {
      throw new ReplayDiverged({ block: snapshot.number, expected: snapshot.hash, actual: loaded.hash });
    }
    const blocks = journal.read(loaded.number + 1);
    const head = await replayBlocks(rpc, blocks, manner === "fast" ? "batched" : "one by one");
    const durationMs = Math.round(clock.monotonicMs() - start);
    deps.onEvent({
      code: "chain.replayed",
      anvilPid: anvil.pid,
      number: head.number,
      fromSnapshot: loaded.number,
      durationMs,
    });
    return { anvil, rpc, head };
  } catch (error) {
    await rpc.close();
    await stopAnvil(anvil, clock);
    throw error;
  }
}

async function latestBlock(rpc: NodeRpc): Promise<ChainHead> {
  const block = await readBlock(rpc, "latest");
  if (block === undefined) throw new ReplayDiverged({ block: 0, expected: "the genesis block", actual: "no block" });
  return { number: block.number, hash: block.hash, timestamp: block.timestamp };
}
