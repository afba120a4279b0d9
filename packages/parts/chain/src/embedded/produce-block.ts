// One block, journaled before it exists:
//   1. hold back what clients send  2. read what is pending, in the order in which it will be mined  3. journal it, flushed
//   4. mine  5. compare.
// A transaction that anvil was already working on when the gate closed can still slip in between 2 and 4. Step 5 sees it and
// journals the block again as it is. A kill of wrapper and anvil both within those milliseconds loses that one transaction.
import { readBlock, readRawTransactions, mineBlock, type ChainHead, type NodeBlock } from "./chain-node.ts";
import { AnvilFailed, ChainRewound } from "./errors.ts";
import type { Gate } from "./gate.ts";
import type { Journal } from "./journal.ts";
import type { NodeRpc } from "./node-rpc.ts";

export interface ProducerDeps {
  readonly rpc: NodeRpc;
  readonly journal: Journal;
  readonly gate: Pick<Gate, "pause" | "resume">;
}

export interface ProducedBlock extends ChainHead {
  readonly transactions: number;
}

/** Mines the block after `head` at `timestamp` (unix seconds, later than the head's) and returns it once it is safe. */
export async function produceBlock(deps: ProducerDeps, head: ChainHead, timestamp: number): Promise<ProducedBlock> {
  const { rpc, journal, gate } = deps;
  const number = head.number + 1;
  gate.pause();
  try {
    const pending = await existingBlock(rpc, "pending");
    if (pending.parent !== head.hash) return await adoptForeignBlocks(deps, head);
    const transactions = await rawTransactions(rpc, pending);
    await journal.append({ number, timestamp, parent: head.hash, transactions });
    await mineBlock(rpc, timestamp);
    return await compareMined(deps, head, pending.transactions);
  } finally {
    gate.resume();
  }
}

/** Brings the journal into agreement with the block after `head`, which is mined already. */
export async function compareMined(
  deps: Omit<ProducerDeps, "gate">,
  head: ChainHead,
  journaled: readonly string[] | undefined,
): Promise<ProducedBlock> {
  const { rpc, journal } = deps;
  const block = await existingBlock(rpc, head.number + 1);
  if (block.parent !== head.hash) {
    throw new ChainRewound({ block: head.number, expected: head.hash, actual: block.parent });
  }
  const { number, hash, timestamp, parent } = block;
  const isJournaled = journal.last()?.number === number && journal.last()?.timestamp === timestamp;
  if (!isJournaled || block.transactions.join() !== journaled?.join()) {
    await journal.append({ number, timestamp, parent, transactions: await rawTransactions(rpc, block) });
  }
  return { number, hash, timestamp, transactions: block.transactions.length };
}

/** A client mined by itself (evm_mine): its blocks are journaled after the fact. */
async function adoptForeignBlocks(deps: ProducerDeps, head: ChainHead): Promise<ProducedBlock> {
  const latest = await existingBlock(deps.rpc, "latest");
  if (latest.number <= head.number) {
    throw new ChainRewound({ block: head.number, expected: head.hash, actual: `gone (the head is ${latest.number})` });
  }
  let last = await compareMined(deps, head, undefined);
  while (last.number < latest.number) last = await compareMined(deps, last, undefined);
  return last;
}

async function existingBlock(rpc: NodeRpc, at: number | "latest" | "pending"): Promise<NodeBlock> {
  const block = await readBlock(rpc, at);
  if (block === undefined) throw new AnvilFailed({ reason: `has no block ${at}` });
  return block;
}

async function rawTransactions(rpc: NodeRpc, block: NodeBlock): Promise<string[]> {
  const signed = await readRawTransactions(rpc, block.transactions);
  return signed.map((raw, index) => {
    if (raw === undefined) throw new AnvilFailed({ reason: `does not know transaction ${block.transactions[index]}` });
    return raw;
  });
}
