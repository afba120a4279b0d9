// What providers say when eth_getLogs asked for too much, and what they say would work. There is no standard: these are the
// dialects in use, as providers document them or users quote them. Their numbers are advice: a provider may accept more, or less.
import type { RangeHint } from "./errors/rpc-range-too-large.ts";

const TOO_LARGE: readonly RegExp[] = [
  // Infura, zkSync: "query returned more than 10000 results. Try with this block range [0x…, 0x…]."
  /returned more than [\d,]+k? (?:results|logs)/i,
  // Alchemy: "Log response size exceeded. … this block range should work: [0x…, 0x…]"
  /log response size exceeded/i,
  // Alchemy, free tier: "You can make eth_getLogs requests with up to a 10 block range. … should work: [0x…, 0x…]"
  /up to an? [\d,]+k? block range/i,
  // QuickNode, Base: "eth_getLogs is limited to a 10,000 range", "… are limited to a 10,000 blocks range"
  /limited to (?:an? )?[\d,]+k? (?:blocks? )?range/i,
  // Ankr, Chainstack: "block range is too wide". Sei: "block range too large (2000), maximum allowed is 1000 blocks".
  // Infura: "range 1000000 exceeds limit of 10000". Tenderly: "range 9009594 is bigger than range limit 2000".
  // Scroll: "block range is bigger than maxBlockRange". Morph: "block range is larger than max block range, …".
  // Polygon: "block range exceeds configured limit".
  /range (?:[\d,]+ )?(?:is )?(?:too (?:wide|large|big)|bigger than|larger than|exceeds)/i,
  // BSC: "exceed maximum block range: 5000"
  /exceeds?(?: the)? max(?:imum)? (?:allowed )?(?:block )?range/i,
  // Cloudflare: "Max range: 800"
  /max(?:imum)? range: ?\d/i,
  // reth: "query exceeds max results 20000, retry with the range 100-150", "query exceeds max block range 100000"
  /query exceeds max/i,
  // dRPC: "ranges over 10000 blocks are not supported on freetier"
  /ranges? over [\d,]+ blocks/i,
  // Ankr and others: "query timeout exceeded"
  /query timeout/i,
];

const MAX_BLOCKS: readonly RegExp[] = [
  /limited to (?:an? )?(\d[\d,]*)(k?) (?:blocks? )?range/i,
  /up to an? (\d[\d,]*)(k?) block range/i,
  /max(?:imum)?(?: allowed)?(?: block)? range\s*(?:is|of|:|=)?\s*(\d[\d,]*)(k?)/i,
  /maximum allowed is (\d[\d,]*)(k?) blocks/i,
  /exceeds limit of (\d[\d,]*)(k?)/i,
  /range limit (?:is |of )?(\d[\d,]*)(k?)/i,
  /ranges? over (\d[\d,]*)(k?) blocks/i,
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
  const found = MAX_BLOCKS.map((pattern) => pattern.exec(message)).find((match) => match !== null);
  const digits = found?.[1]?.replaceAll(",", "") ?? "";
  if (!/^\d{1,9}$/.test(digits) || Number(digits) === 0) return undefined;
  return BigInt(digits) * (found?.[2] === "" ? 1n : 1_000n);
}
