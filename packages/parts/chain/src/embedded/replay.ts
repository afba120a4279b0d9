// Mining the journaled blocks again. anvil is deterministic here: the same transactions at the same times give the same hashes.
import { keccak256 } from "../keccak/keccak256.ts";
import { hexToBuffer } from "../abi/hex.ts";
import { mineBlock, readBlock, readHashes, sendRawTransactions, type ChainHead } from "./chain-node.ts";
import { AnvilFailed, ReplayDiverged } from "./errors.ts";
import type { JournaledBlock } from "./journal.ts";
import { RpcRefused } from "../rpc/errors/rpc-refused.ts";
import type { NodeRpc } from "./node-rpc.ts";

/** Blocks that are mined before their hashes are compared. */
const BLOCKS_PER_CHECK = 100;

/** Of a batch this large anvil was never seen to finish one call before an earlier one; of 50 it was. */
const MAX_BATCHED = 6;

/** Mines the blocks on top of the node's head and checks every hash against the one recorded; ReplayDiverged when one differs. */
export async function replayBlocks(
  rpc: NodeRpc,
  blocks: Iterable<JournaledBlock>,
  manner: "batched" | "one by one",
): Promise<ChainHead> {
  let chunk: JournaledBlock[] = [];
  let last: JournaledBlock | undefined;
  for (const block of blocks) {
    await mineAgain(rpc, block, manner);
    last = block;
    chunk.push(block);
    if (chunk.length < BLOCKS_PER_CHECK) continue;
    await checkParents(rpc, chunk);
    chunk = [];
  }
  await checkParents(rpc, chunk);
  if (last !== undefined) await checkTransactions(rpc, last);
  const head = await readBlock(rpc, "latest");
  if (head === undefined) throw new AnvilFailed({ reason: "has no latest block" });
  return { number: head.number, hash: head.hash, timestamp: head.timestamp };
}

async function mineAgain(rpc: NodeRpc, block: JournaledBlock, manner: "batched" | "one by one"): Promise<void> {
  try {
    const isSmall = block.transactions.length <= MAX_BATCHED;
    await sendRawTransactions(rpc, block.transactions, isSmall ? manner : "one by one");
    await mineBlock(rpc, block.timestamp);
  } catch (error) {
    // A chain with another past refuses the transactions and times of this one.
    if (!(error instanceof RpcRefused)) throw error;
    const expected = `block ${block.number} of the journal`;
    throw new ReplayDiverged({ block: block.number, expected, actual: `refused: ${error.rpcMessage}` });
  }
}

/** Each line names the hash of the block before it. */
async function checkParents(rpc: NodeRpc, blocks: readonly JournaledBlock[]): Promise<void> {
  const first = blocks[0];
  if (first === undefined) return;
  const hashes = await readHashes(rpc, first.number - 1, first.number + blocks.length - 2);
  for (const [index, { number, parent }] of blocks.entries()) {
    const actual = hashes[index];
    if (actual !== parent) {
      throw new ReplayDiverged({ block: number - 1, expected: parent, actual: actual ?? "no block" });
    }
  }
}

/** The last block has no successor that names its hash; its transactions at least must be the journaled ones, in their order. */
async function checkTransactions(rpc: NodeRpc, block: JournaledBlock): Promise<void> {
  const expected = block.transactions.map((raw) => `0x${keccak256(hexToBuffer(raw)).toString("hex")}`).join();
  const actual = (await readBlock(rpc, block.number))?.transactions.join() ?? "no block";
  if (actual !== expected) throw new ReplayDiverged({ block: block.number, expected, actual });
}
