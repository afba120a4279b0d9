// How providers refuse an eth_getLogs that asks for too much: codes and texts as providers document them or users quote them.
import type { RpcErrorBody } from "./fault-server.ts";

export interface RangeDialect {
  readonly name: string;
  readonly status: number;
  /** The refusal of a question from `from`, where a range up to `fits` would work; `maxBlocks` is the provider's limit; undefined: no JSON. */
  readonly refuse: (range: { from: bigint; fits: bigint; maxBlocks: bigint }) => RpcErrorBody | undefined;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;
const grouped = (value: bigint): string => value.toLocaleString("en-US");

export const rangeDialects: readonly RangeDialect[] = [
  {
    // Infura's documentation of eth_getLogs (-32005); the range stands in the message, and in data as well.
    name: "infura",
    status: 200,
    refuse: ({ from, fits }) => ({
      code: -32005,
      message: `query returned more than 10000 results. Try with this block range [${hex(from)}, ${hex(fits)}].`,
      data: { from: hex(from), limit: 10_000, to: hex(fits) },
    }),
  },
  {
    // github.com/INFURA/infura/issues/237 (2026): ranges over 10,000 blocks, whatever the results.
    name: "infura by blocks",
    status: 200,
    refuse: ({ maxBlocks }) => ({ code: -32602, message: `range 1000000 exceeds limit of ${maxBlocks}` }),
  },
  {
    // github.com/ethereum/go-ethereum/issues/25343 quotes code and text; the status is from memory.
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
    // github.com/OffchainLabs/arbitrum-sdk/issues/609 quotes status, code and text; Base's public endpoint sends the same.
    name: "quicknode",
    status: 413,
    refuse: ({ maxBlocks }) => ({ code: -32614, message: `eth_getLogs is limited to a ${grouped(maxBlocks)} range` }),
  },
  {
    // github.com/bobanetwork/boba_legacy/issues/827 (Tenderly): the reason stands in data alone.
    name: "tenderly",
    status: 200,
    refuse: ({ maxBlocks }) => ({
      code: -32602,
      message: "invalid params",
      data: { error_id: "4ed94073", payload: `range 9009594 is bigger than range limit ${maxBlocks}` },
    }),
  },
  {
    // Ankr and Chainstack: no hint at all; from memory.
    name: "too wide",
    status: 200,
    refuse: () => ({ code: -32600, message: "block range is too wide" }),
  },
  {
    // github.com/paradigmxyz/reth/issues/23810; decimal. The range may be the one that was asked for.
    name: "reth",
    status: 200,
    refuse: ({ from, fits }) => ({
      code: -32602,
      message: `query exceeds max results 20000, retry with the range ${from}-${fits}`,
    }),
  },
  {
    // BSC and Polygon nodes (geth forks); from memory.
    name: "bsc",
    status: 200,
    refuse: ({ maxBlocks }) => ({ code: -32000, message: `exceed maximum block range: ${maxBlocks}` }),
  },
  {
    // geth, rpc/errors.go: the answer was made but is too large.
    name: "response too large",
    status: 200,
    refuse: () => ({ code: -32003, message: "response too large" }),
  },
  {
    // A proxy before the node, without JSON.
    name: "HTTP 413",
    status: 413,
    refuse: () => undefined,
  },
];
