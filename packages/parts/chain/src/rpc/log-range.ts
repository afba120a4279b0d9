// How many blocks eth_getLogs asks for at once, learned from refusals.
import type { RangeHint } from "./errors/rpc-range-too-large.ts";
import type { RpcEvent } from "./rpc-event.ts";

export interface LogRange {
  /** The last block to ask for when beginning at `fromBlock`, and at most up to `toBlock`. */
  end(fromBlock: bigint, toBlock: bigint): bigint;
  /** The range was refused; the next one is smaller. */
  refused(fromBlock: bigint, toBlock: bigint, hint: RangeHint): void;
  /** The range was served; `bytes` of the answer, where they are known. */
  served(fromBlock: bigint, toBlock: bigint, bytes?: number): void;
}

/** A range is at most so many times as long as the one before: what is dense ahead, nobody knows. */
const MOST_GROWTH = 4;

/**
 * Three limits. A fixed one, when the endpoint names its maximum: it stays. One that depends on how many logs the endpoint gives: it is
 * halved, or taken from the hint, and grows back by a tenth with each full range served, so that a stretch with few logs is not
 * read in the small pieces that a dense one needed, and a dense one is refused rarely. And one of our own, by the bytes of the last answer.
 */
export function createLogRange(options: {
  /** What an answer should have. */
  readonly aimBytes: number;
  readonly onEvent: (event: RpcEvent) => void;
}): LogRange {
  let fixed: bigint | undefined;
  let learned: bigint | undefined;
  let handy: bigint | undefined;
  return {
    end: (fromBlock, toBlock) => {
      const asked = toBlock - fromBlock + 1n;
      return fromBlock + smaller(handy, smaller(fixed, smaller(learned, asked))) - 1n;
    },
    refused: (fromBlock, toBlock, hint) => {
      const asked = toBlock - fromBlock + 1n;
      if (hint.maxBlocks !== undefined && hint.maxBlocks < asked) fixed = hint.maxBlocks;
      else learned = smaller(learned, blocksToTry(fromBlock, asked, hint));
      options.onEvent({ code: "rpc.range-limited", maxBlocks: smaller(fixed, smaller(learned, asked)) });
    },
    served: (fromBlock, toBlock, bytes) => {
      const blocks = toBlock - fromBlock + 1n;
      if (bytes !== undefined) handy = blocksFor(options.aimBytes, Number(blocks), bytes);
      if (learned !== undefined && blocks >= learned) learned += learned / 10n + 1n;
    },
  };
}

function smaller(limit: bigint | undefined, blocks: bigint): bigint {
  return limit !== undefined && limit < blocks ? limit : blocks;
}

/** As many blocks as make so many bytes, if they are like those that made `bytes`. */
function blocksFor(aim: number, blocks: number, bytes: number): bigint {
  return BigInt(Math.max(1, Math.floor(blocks * Math.min(MOST_GROWTH, aim / bytes))));
}

/** The hint when it begins where we do and is smaller; else half. */
function blocksToTry(fromBlock: bigint, asked: bigint, { range }: RangeHint): bigint {
  if (range !== undefined && range.fromBlock === fromBlock) {
    const blocks = range.toBlock - fromBlock + 1n;
    if (blocks >= 1n && blocks < asked) return blocks;
  }
  return asked > 1n ? asked / 2n : 1n;
}
