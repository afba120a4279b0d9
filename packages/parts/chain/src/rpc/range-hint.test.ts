import { expect, it } from "vitest";
import { rangeHint } from "./range-hint.ts";

it.each<[string, ReturnType<typeof rangeHint>]>([
  ["query returned more than 10000 results", {}],
  [
    "query returned more than 10000 results. Try with this block range [0x10, 0x1F].",
    { range: { fromBlock: 16n, toBlock: 31n } },
  ],
  [
    "Log response size exceeded. this block range should work: [0x0, 0x7cf]",
    { range: { fromBlock: 0n, toBlock: 1_999n } },
  ],
  ["query exceeds max results 20000, retry with the range 100-150", { range: { fromBlock: 100n, toBlock: 150n } }],
  ["query exceeds max block range 100000", { maxBlocks: 100_000n }],
  ["eth_getLogs is limited to a 10,000 range", { maxBlocks: 10_000n }],
  ["eth_getLogs and eth_newFilter are limited to a 10,000 blocks range", { maxBlocks: 10_000n }],
  ["eth_getLogs is limited to a 5k range", { maxBlocks: 5_000n }],
  ["exceed maximum block range: 5000", { maxBlocks: 5_000n }],
  ["ranges over 10000 blocks are not supported on freetier", { maxBlocks: 10_000n }],
  ["Max range: 800", { maxBlocks: 800n }],
  [
    "You can make eth_getLogs requests with up to a 500 block range. Based on your parameters, this block range should work: [0x1, 0x2]",
    { range: { fromBlock: 1n, toBlock: 2n } },
  ],
  ["you can make eth_getLogs requests with up to a 10 block range", { maxBlocks: 10n }],
  ["range 1000000 exceeds limit of 10000", { maxBlocks: 10_000n }],
  ['invalid params {"payload":"range 9009594 is bigger than range limit 2000"}', { maxBlocks: 2_000n }],
  ["block range too large (2000), maximum allowed is 1000 blocks", { maxBlocks: 1_000n }],
  ["block range too large, max range: 700", { maxBlocks: 700n }],
  ["block range is larger than max block range, block range = 5120, max block range = 5000", { maxBlocks: 5_000n }],
  ["block range is bigger than maxBlockRange", {}],
  ["block range exceeds configured limit", {}],
  ["requested range too large", {}],
  [
    "request exceeded max allowed range: query exceeds max results 2000, retry with the range 7-9",
    { range: { fromBlock: 7n, toBlock: 9n } },
  ],
  ["block range is too wide", {}],
  ["query timeout exceeded", {}],
  ["limited to a 0 range", {}],
  ["invalid block range params", undefined],
  ["block range extends beyond current head block", undefined],
  ["daily request count exceeded, request rate limited", undefined],
  ["execution reverted", undefined],
])("%s", (message, hint) => {
  expect(rangeHint(message)).toEqual(hint);
});
