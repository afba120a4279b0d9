// How providers refuse an eth_getLogs that asks for too much. Each shape is as the provider documents it or was seen to send it.
import type { RpcErrorBody } from "./fault-server.ts";

export interface RangeDialect {
  readonly name: string;
  readonly status: number;
  /** The refusal of a question from `from`, where a range up to `fits` would work; `maxBlocks` is the provider's limit. */
  readonly refuse: (range: { from: bigint; fits: bigint; maxBlocks: bigint }) => RpcErrorBody;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const grouped = (value: bigint): string => value.toLocaleString("en-US");

export const rangeDialects: readonly RangeDialect[] = [
  {
    // docs.infura.io, "eth_getLogs": code -32005, HTTP 200; the range stands in the message, in older answers in data too.
    name: "infura",
    status: 200,
    refuse: ({ from, fits }) => ({
      code: -32005,
      message: `query returned more than 10000 results. Try with this block range [${hex(from)}, ${hex(fits)}].`,
      data: { from: hex(from), limit: 10_000, to: hex(fits) },
    }),
  },
  {
    // docs.alchemy.com, "eth_getLogs": code -32602, HTTP 400 for a single call.
    name: "alchemy",
    status: 400,
    refuse: ({ from, fits }) => ({
      code: -32602,
      message:
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range and no limit on the " +
        "response size, or you can request any block range with a cap of 10K logs in the response. Based on your parameters " +
        `and the response size limit, this block range should work: [${hex(from)}, ${hex(fits)}]`,
    }),
  },
  {
    // QuickNode: code -32614, HTTP 413 in some regions, 200 in others.
    name: "quicknode",
    status: 200,
    refuse: ({ maxBlocks }) => ({ code: -32614, message: `eth_getLogs is limited to a ${grouped(maxBlocks)} range` }),
  },
  {
    // Ankr and Chainstack: no hint at all.
    name: "too wide",
    status: 200,
    refuse: () => ({ code: -32600, message: "block range is too wide" }),
  },
  {
    // reth, crates/rpc/rpc: EthFilterError::QueryExceedsMaxResults; decimal.
    name: "reth",
    status: 200,
    refuse: ({ from, fits }) => ({
      code: -32602,
      message: `query exceeds max results 20000, retry with the range ${from}-${fits}`,
    }),
  },
  {
    // BSC and Polygon nodes (geth forks).
    name: "bsc",
    status: 200,
    refuse: ({ maxBlocks }) => ({ code: -32000, message: `exceed maximum block range: ${maxBlocks}` }),
  },
  {
    // geth and proxies: the answer was made but is too large.
    name: "response too large",
    status: 200,
    refuse: () => ({ code: -32003, message: "response too large" }),
  },
];
