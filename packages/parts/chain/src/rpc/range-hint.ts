// What providers say when eth_getLogs asked for too much, and what they say would work. There is no standard: these are the
// dialects in use, as the providers document or send them.
import type { RangeHint } from "./errors/rpc-range-too-large.ts";

const TOO_LARGE: readonly RegExp[] = [
  // Infura, zkSync: "query returned more than 10000 results. Try with this block range [0x…, 0x…]."
  /returned more than [\d,]+k? (?:results|logs)/i,
  // Alchemy: "Log response size exceeded. … this block range should work: [0x…, 0x…]"
  /log response size exceeded/i,
  // QuickNode: "eth_getLogs is limited to a 10,000 range", "… are limited to a 10,000 blocks range"
  /limited to (?:an? )?[\d,]+k? (?:blocks? )?range/i,
  // Ankr, Chainstack, BSC: "block range is too wide", "block range too large", "exceed maximum block range: 5000"
  /block range (?:is )?too (?:wide|large|big)/i,
  /exceeds?(?: the)? max(?:imum)? (?:allowed )?(?:block )?range/i,
  // Cloudflare: "Max range: 800"
  /max(?:imum)? range: ?\d/i,
  // reth: "query exceeds max results 20000, retry with the range 100-150", "query exceeds max block range 100000"
  /query exceeds max/i,
  // dRPC: "ranges over 10000 blocks are not supported on freetier"
  /ranges? over [\d,]+ blocks/i,
  // geth behind a proxy, Ankr: "query timeout exceeded"
  /query timeout/i,
];

/** The provider's hint when the message is about too large a range; undefined when it is about something else. */
export function rangeHint(message: string): RangeHint | undefined {
  if (!TOO_LARGE.some((pattern) => pattern.test(message))) return undefined;
  const range = rangeIn(message);
  if (range !== undefined) return { range };
  const maxBlocks = maxBlocksIn(message);
  return maxBlocks === undefined ? {} : { maxBlocks };
}

function rangeIn(message: string): RangeHint["range"] {
  const found =
    /\[\s*(0x[0-9a-f]{1,16})\s*,\s*(0x[0-9a-f]{1,16})\s*\]/i.exec(message) ??
    /with the range (\d{1,18})-(\d{1,18})/i.exec(message);
  const [, from, to] = found ?? [];
  return from === undefined || to === undefined ? undefined : { fromBlock: BigInt(from), toBlock: BigInt(to) };
}

function maxBlocksIn(message: string): bigint | undefined {
  const found =
    /limited to (?:an? )?([\d,]+)(k?) (?:blocks? )?range/i.exec(message) ??
    /max(?:imum)? (?:allowed )?(?:block )?range:? ?(?:of |is )?([\d,]+)(k?)/i.exec(message) ??
    /ranges? over ([\d,]+)(k?) blocks/i.exec(message);
  const digits = found?.[1]?.replaceAll(",", "") ?? "";
  if (!/^\d{1,9}$/.test(digits) || Number(digits) === 0) return undefined;
  return BigInt(digits) * (found?.[2] === "" ? 1n : 1_000n);
}
