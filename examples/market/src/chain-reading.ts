// What the chain says about transactions, read raw: the ledger is compared with this, so nothing of a decoder is in here.
import {
  callAll,
  orNull,
  parseAddress,
  parseHash,
  parseIndex,
  parseList,
  parseObject,
  parseQuantity,
  type Hex,
  type RpcClient,
} from "@tidegate/chain";

export interface ChainTransaction {
  readonly hash: Hex;
  readonly from: Hex;
  readonly nonce: number;
  readonly index: number;
  readonly succeeded: boolean;
  /** Logs that it emitted, of all contracts. */
  readonly logs: number;
}

export interface ChainBlock {
  readonly number: number;
  readonly hash: Hex;
  readonly parentHash: Hex;
  /** Unix seconds. */
  readonly timestamp: number;
  /** Wei. */
  readonly baseFee: bigint;
  readonly transactions: readonly ChainTransaction[];
}

/** Blocks asked for at a time. */
const CHUNK = 100;

/** The blocks from..to, both included, with the outcome of every transaction. */
export async function readChainBlocks(rpc: RpcClient, from: number, to: number): Promise<ChainBlock[]> {
  const blocks: ChainBlock[] = [];
  for (let start = from; start <= to; start += CHUNK) {
    const numbers = Array.from({ length: Math.min(CHUNK, to - start + 1) }, (_, index) => start + index);
    const tags = numbers.map((number) => `0x${number.toString(16)}`);
    const headers = await callAll(
      rpc,
      tags.map((tag) => ({ method: "eth_getBlockByNumber", params: [tag, true], parse: parseBlock })),
      undefined,
    );
    const receipts = await callAll(
      rpc,
      tags.map((tag) => ({ method: "eth_getBlockReceipts", params: [tag], parse: parseReceipts })),
      undefined,
    );
    blocks.push(...headers.map((header, index) => withOutcomes(header, receipts[index] ?? new Map())));
  }
  return blocks;
}

/** Number of the newest block. */
export async function readHead(rpc: RpcClient): Promise<number> {
  return rpc.call("eth_blockNumber", [], { parse: (result) => Number(parseQuantity(result, "the block number")) });
}

/** Transactions that an account has sent: mined ones, or with "pending" those on their way too. */
export async function readNonce(rpc: RpcClient, account: Hex, at: "latest" | "pending"): Promise<number> {
  const parse = (result: unknown): number => Number(parseQuantity(result, "the nonce"));
  return rpc.call("eth_getTransactionCount", [account, at], { parse });
}

interface Outcome {
  readonly succeeded: boolean;
  readonly logs: number;
}

type Sent = Omit<ChainTransaction, keyof Outcome>;
type Header = Omit<ChainBlock, "transactions"> & { readonly transactions: readonly Sent[] };

function withOutcomes(header: Header, outcomes: ReadonlyMap<Hex, Outcome>): ChainBlock {
  const transactions = header.transactions.map((sent) => {
    const outcome = outcomes.get(sent.hash);
    if (outcome === undefined) throw new TypeError(`block ${header.number} has no receipt of ${sent.hash}`);
    return { ...sent, ...outcome };
  });
  return { ...header, transactions };
}

function parseBlock(result: unknown): Header {
  const block = parseObject(result, "the block");
  return {
    number: Number(parseQuantity(block["number"], "the block's number")),
    hash: parseHash(block["hash"], "the block's hash"),
    parentHash: parseHash(block["parentHash"], "the block's parentHash"),
    timestamp: Number(parseQuantity(block["timestamp"], "the block's timestamp")),
    baseFee: orNull((fee) => parseQuantity(fee, "the block's baseFeePerGas"))(block["baseFeePerGas"]) ?? 0n,
    transactions: parseList(block["transactions"], "the block's transactions").map((one) => {
      const sent = parseObject(one, "the transaction");
      return {
        hash: parseHash(sent["hash"], "the transaction's hash"),
        from: parseAddress(sent["from"], "the transaction's from"),
        nonce: parseIndex(sent["nonce"], "the transaction's nonce"),
        index: parseIndex(sent["transactionIndex"], "the transaction's index"),
      };
    }),
  };
}

function parseReceipts(result: unknown): ReadonlyMap<Hex, Outcome> {
  return new Map(
    parseList(result, "the receipts").map((one) => {
      const receipt = parseObject(one, "the receipt");
      const succeeded = parseIndex(receipt["status"], "the receipt's status") === 1;
      const outcome = { succeeded, logs: parseList(receipt["logs"], "the receipt's logs").length };
      return [parseHash(receipt["transactionHash"], "the receipt's transactionHash"), outcome];
    }),
  );
}
