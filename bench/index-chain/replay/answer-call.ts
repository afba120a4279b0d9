// JSON-RPC over a kept chain: each method gives the bytes of its result.
import type { StoredBlock } from "../mine/chain-files.ts";
import { EVENT_TOPICS } from "../market-events.ts";
import type { OpenChain } from "./open-chain.ts";

export interface RpcCall {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: readonly unknown[];
}

export interface ReplayState {
  /** The newest block that is told. */
  head: number;
  latencyMs: number;
  maxLogs: number;
}

class RpcRefusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const NULL = Buffer.from("null");
const OPEN = Buffer.from("[");
const CLOSE = Buffer.from("]");
const END = Buffer.from("}");

/** The whole answer to one call, in pieces. */
export function answerCall(chain: OpenChain, state: ReplayState, call: RpcCall): Buffer[] {
  const id = JSON.stringify(call.id ?? null);
  try {
    return [Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":`), ...resultOf(chain, state, call), END];
  } catch (error) {
    if (!(error instanceof RpcRefusal)) throw error;
    const { code, message } = error;
    return [Buffer.from(`{"jsonrpc":"2.0","id":${id},"error":${JSON.stringify({ code, message })}}`)];
  }
}

function resultOf(chain: OpenChain, state: ReplayState, { method, params = [] }: RpcCall): Buffer[] {
  const [first, second] = params;
  switch (method) {
    case "eth_chainId":
      return [quoted(hex(chain.facts.chainId))];
    case "net_version":
      return [quoted(String(chain.facts.chainId))];
    case "web3_clientVersion":
      return [quoted("replay/1")];
    case "eth_blockNumber":
      return [quoted(hex(state.head))];
    case "eth_syncing":
      return [Buffer.from("false")];
    case "eth_gasPrice":
      return [quoted("0x1")];
    case "eth_getCode":
      return [quoted(String(first).toLowerCase() === chain.facts.market ? chain.facts.marketCode : "0x")];
    case "eth_getLogs":
      return getLogs(chain, state, first ?? {});
    case "eth_getBlockByNumber":
      return headerOf(chain, known(chain, state, numberOf(chain, state, first)), second === true);
    case "eth_getBlockByHash":
      return headerOf(chain, known(chain, state, chain.blockNumber(String(first))), second === true);
    case "eth_getTransactionByHash": {
      const found = chain.transaction(String(first));
      return [found === undefined || found.block > state.head ? NULL : found.json];
    }
    case "eth_getBlockReceipts": {
      const tag = String(first);
      const number = tag.length === 66 ? chain.blockNumber(tag) : numberOf(chain, state, tag);
      const block = known(chain, state, number);
      return block === undefined ? [NULL] : [OPEN, ...chain.receipts(block), CLOSE];
    }
    default:
      throw new RpcRefusal(-32_601, `the method ${method} does not exist`);
  }
}

function headerOf(chain: OpenChain, block: StoredBlock | undefined, isFull: boolean): Buffer[] {
  return block === undefined ? [NULL] : chain.header(block, isFull);
}

function known(chain: OpenChain, { head }: ReplayState, number: number | undefined): StoredBlock | undefined {
  return number === undefined || number > head ? undefined : chain.block(number);
}

interface LogFilter {
  readonly address?: string | readonly string[];
  readonly topics?: ReadonlyArray<string | readonly string[] | null>;
  readonly fromBlock?: string;
  readonly toBlock?: string;
  readonly blockHash?: string;
}

function getLogs(chain: OpenChain, state: ReplayState, filter: LogFilter): Buffer[] {
  const hashed = filter.blockHash === undefined ? undefined : chain.blockNumber(filter.blockHash);
  if (filter.blockHash !== undefined && (hashed === undefined || hashed > state.head)) {
    throw new RpcRefusal(-32_000, "unknown block");
  }
  const from = Math.max(hashed ?? numberOf(chain, state, filter.fromBlock), chain.genesis);
  const to = Math.min(hashed ?? numberOf(chain, state, filter.toBlock), state.head);
  const [start, end] = [chain.block(from), chain.block(to)];
  const addresses = filter.address === undefined ? undefined : [filter.address].flat().map((one) => one.toLowerCase());
  if (from > to || start === undefined || end === undefined) return [OPEN, CLOSE];
  if (addresses !== undefined && addresses.length > 0 && !addresses.includes(chain.facts.market)) return [OPEN, CLOSE];
  const kinds = kindsOf(filter);
  let count = 0;
  for (let number = from; number <= to; number++) {
    const block = chain.block(number);
    const more = block === undefined ? 0 : chain.countLogs(block, kinds);
    // As Infura words it.
    if (count + more > state.maxLogs) {
      const range = `[${hex(from)}, ${hex(Math.max(from, number - 1))}]`;
      throw new RpcRefusal(
        -32_005,
        `query returned more than ${state.maxLogs} results. Try with this block range ${range}.`,
      );
    }
    count += more;
  }
  return [OPEN, ...chain.logs(start, end, kinds), CLOSE];
}

function kindsOf({ topics = [] }: LogFilter): ReadonlySet<number> | undefined {
  if (topics.slice(1).some((topic) => topic !== null && topic.length > 0)) {
    throw new RpcRefusal(-32_602, "the replay server filters by the first topic alone");
  }
  const wanted = topics[0] ?? [];
  if (wanted.length === 0) return undefined;
  const kinds = new Set([wanted].flat().map((topic) => EVENT_TOPICS.indexOf(topic.toLowerCase())));
  return EVENT_TOPICS.every((_, kind) => kinds.has(kind)) ? undefined : kinds;
}

function numberOf(chain: OpenChain, { head }: ReplayState, tag: unknown): number {
  if (tag === "earliest") return chain.genesis;
  if (typeof tag === "string" && tag.startsWith("0x")) return Number(tag);
  return head;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function quoted(text: string): Buffer {
  return Buffer.from(`"${text}"`);
}
