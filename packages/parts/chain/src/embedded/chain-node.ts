// What we ask of the anvil behind the gate. JSON-RPC batches are used for calls whose order does not matter: anvil works on the
// calls of one batch side by side.
import type { NodeRpc } from "./node-rpc.ts";

export interface ChainHead {
  readonly number: number;
  readonly hash: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

export interface NodeBlock extends ChainHead {
  readonly parent: string;
  /** Hashes, in the order of the block. */
  readonly transactions: readonly string[];
}

interface RawBlock {
  readonly number: string;
  readonly hash: string | null;
  readonly parentHash: string;
  readonly timestamp: string;
  readonly transactions: readonly string[];
}

/** Blocks asked for in one batch. */
const BLOCKS_PER_BATCH = 200;

/** A block by number, "latest" or "pending" (whose hash is ""); undefined when there is none. */
export async function readBlock(rpc: NodeRpc, at: number | "latest" | "pending"): Promise<NodeBlock | undefined> {
  const raw = await rpc.call<RawBlock | null>("eth_getBlockByNumber", [blockTag(at), false]);
  return raw === null ? undefined : toNodeBlock(raw);
}

/** Hashes of the blocks from..to (both included), in order; undefined where there is none. */
export async function readHashes(rpc: NodeRpc, from: number, to: number): Promise<Array<string | undefined>> {
  const hashes: Array<string | undefined> = [];
  for (let start = from; start <= to; start += BLOCKS_PER_BATCH) {
    const numbers = Array.from({ length: Math.min(BLOCKS_PER_BATCH, to - start + 1) }, (_, index) => start + index);
    const blocks = await rpc.batch<RawBlock | null>(
      numbers.map((number) => ({ method: "eth_getBlockByNumber", params: [blockTag(number), false] })),
    );
    hashes.push(...blocks.map((block) => block?.hash ?? undefined));
  }
  return hashes;
}

/** The signed bytes of transactions that are pending or mined, in the order asked; undefined for one that is neither. */
export async function readRawTransactions(rpc: NodeRpc, hashes: readonly string[]): Promise<Array<string | undefined>> {
  const raw = await rpc.batch<string | null>(
    hashes.map((hash) => ({ method: "eth_getRawTransactionByHash", params: [hash] })),
  );
  return raw.map((one) => one ?? undefined);
}

/** Mines one block of what is pending, at this time. */
export async function mineBlock(rpc: NodeRpc, timestamp: number): Promise<void> {
  await rpc.call("evm_mine", [{ timestamp }]);
}

/**
 * Hands in signed transactions. anvil takes up the calls of a batch in their order and finishes them in it as long as none has to
 * wait; "one by one" leaves nothing to that, and is slower.
 */
export async function sendRawTransactions(
  rpc: NodeRpc,
  signed: readonly string[],
  manner: "batched" | "one by one",
): Promise<void> {
  const calls = signed.map((raw) => ({ method: "eth_sendRawTransaction", params: [raw] }));
  if (manner === "batched") await rpc.batch(calls);
  else for (const { method, params } of calls) await rpc.call(method, params);
}

function blockTag(at: number | "latest" | "pending"): string {
  return typeof at === "number" ? `0x${at.toString(16)}` : at;
}

function toNodeBlock(raw: RawBlock): NodeBlock {
  return {
    number: Number(raw.number),
    hash: raw.hash ?? "",
    parent: raw.parentHash,
    timestamp: Number(raw.timestamp),
    transactions: raw.transactions,
  };
}
