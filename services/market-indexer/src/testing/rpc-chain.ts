// A JSON-RPC endpoint over a synthetic chain, whose answers a test can bend.
import { startFaultServer, type FaultServer } from "@tidegate/chain/testing";
import type { MarketEvent } from "../types.ts";
import { bloomWithEthers, encodeWithEthers, type BloomedLog } from "./ethers-oracle.ts";
import { CHAIN_ID, MARKET_ADDRESS } from "./random-history.ts";
import { eventsOf, hash32, type SyntheticBlock } from "./synthetic-chain.ts";

type Answer = Record<string, unknown> | null;

export interface RpcChain extends FaultServer {
  /** Newest block; a test moves it. Default the last of the blocks. */
  head: bigint;
  /** Changes an answer on its way out; by method. */
  readonly bend: Map<string, (answer: unknown) => unknown>;
}

const quantity = (value: bigint | number): string => `0x${value.toString(16)}`;
const hex = (bytes: Buffer): string => `0x${bytes.toString("hex")}`;

/** Serves the blocks on a free port; every block number up to the head has a header. */
export async function startRpcChain(blocks: readonly SyntheticBlock[], chainId = CHAIN_ID): Promise<RpcChain> {
  const bend = new Map<string, (answer: unknown) => unknown>();
  const byNumber = new Map(blocks.map((block) => [block.number, block]));
  const first = blocks[0];
  // The block before the first one has a header too.
  if (first !== undefined) byNumber.set(first.number - 1n, { ...first, number: first.number - 1n, events: [] });
  const state = { head: blocks.at(-1)?.number ?? 0n };
  const logs = blocks.flatMap((block) => eventsOf(block).map(logOf));
  const transactions = new Map(logs.map((log) => [log["transactionHash"], transactionOf(log)]));
  const methods: Record<string, (params: readonly unknown[]) => unknown> = {
    eth_chainId: () => quantity(chainId),
    eth_blockNumber: () => quantity(state.head),
    eth_getCode: ([address]) => (address === MARKET_ADDRESS ? "0x6000" : "0x"),
    eth_getLogs: ([filter]) => {
      const { fromBlock, toBlock, blockHash } = filter as { fromBlock: string; toBlock: string; blockHash?: string };
      if (blockHash !== undefined) return logs.filter((log) => log["blockHash"] === blockHash);
      const to = BigInt(toBlock) < state.head ? BigInt(toBlock) : state.head;
      return logs.filter((log) => {
        const number = BigInt(log["blockNumber"] as string);
        return number >= BigInt(fromBlock) && number <= to;
      });
    },
    eth_getBlockByNumber: ([number]) => headerOf(BigInt(number as string), byNumber, bloomOfBlock(logs, number)),
    eth_getTransactionByHash: ([hash]) => transactions.get(hash) ?? null,
    eth_getBlockReceipts: ([number]) =>
      logs.filter((log) => log["blockNumber"] === number).map((log) => receiptOf(log)),
  };
  const bent = Object.entries(methods).map(([name, answer]) => [
    name,
    (params: readonly unknown[]) => (bend.get(name) ?? ((value: unknown) => value))(answer(params)),
  ]);
  const server = await startFaultServer({ methods: Object.fromEntries(bent) });
  return Object.defineProperties({ ...server, bend } as unknown as RpcChain, {
    head: {
      get: () => state.head,
      set: (head: bigint) => {
        state.head = head;
      },
    },
  });
}

function logOf(event: MarketEvent): Record<string, unknown> {
  const { blockNumber, logIndex, txHash } = event.place;
  return {
    ...encodeWithEthers(event.name, event.args),
    address: MARKET_ADDRESS,
    blockNumber: quantity(blockNumber),
    blockHash: hex(hash32("block", blockNumber)),
    transactionHash: hex(txHash),
    transactionIndex: quantity(logIndex),
    logIndex: quantity(logIndex),
    removed: false,
  };
}

function bloomOfBlock(logs: readonly Record<string, unknown>[], number: unknown): string {
  return bloomWithEthers(logs.filter((log) => log["blockNumber"] === number) as unknown as readonly BloomedLog[]);
}

function headerOf(number: bigint, byNumber: ReadonlyMap<bigint, SyntheticBlock>, logsBloom: string): Answer {
  const block = byNumber.get(number);
  if (block === undefined) return null;
  return {
    number: quantity(number),
    hash: hex(hash32("block", number)),
    parentHash: hex(hash32("block", number - 1n)),
    timestamp: quantity(block.timestamp),
    baseFeePerGas: quantity(7),
    logsBloom,
  };
}

function transactionOf(log: Record<string, unknown>): Answer {
  const { transactionHash: hash, blockNumber, blockHash, transactionIndex } = log;
  return { hash, from: `0x${"ab".repeat(20)}`, blockNumber, blockHash, transactionIndex };
}

function receiptOf(log: Record<string, unknown>): Answer {
  const { transactionHash, blockNumber, blockHash, transactionIndex } = log;
  const place = { transactionHash, from: `0x${"ab".repeat(20)}`, blockNumber, blockHash, transactionIndex };
  return { ...place, status: "0x1", logs: [log] };
}
