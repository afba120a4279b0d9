// Which blocks come next. Pure.
import type { BlockRange } from "./types.ts";

export interface RangeOptions {
  /** First block of an empty database, at most the head; default the head. */
  readonly startBlock?: bigint | undefined;
  /** Last block ever. */
  readonly endBlock?: bigint | undefined;
  /** Blocks after the first of a batch. */
  readonly batchSize: number;
  /** Blocks that the indexer stays behind the chain's head. */
  readonly blockDelay: number;
}

export interface RangeChoice {
  /** The head less the delay. */
  readonly head: bigint;
  /** Undefined when there is nothing to do now. */
  readonly range?: BlockRange;
  /** How things stand once the range is stored: all is done, there are more blocks, or all there are is stored. */
  readonly outcome: "done" | "behind" | "at-head";
}

/** Never chooses a block that is stored: a head before `previous` (a node that catches up) is waited for. */
export function chooseRange(input: {
  readonly head: bigint;
  readonly previous: bigint | undefined;
  readonly options: RangeOptions;
}): RangeChoice {
  const { previous, options } = input;
  const { endBlock } = options;
  const delayed = input.head - BigInt(options.blockDelay);
  const head = delayed < 0n ? 0n : delayed;
  if (endBlock !== undefined && previous !== undefined && previous >= endBlock) return { head, outcome: "done" };

  const from = previous === undefined ? least(options.startBlock ?? head, head) : previous + 1n;
  const target = endBlock === undefined ? head : least(head, endBlock);
  // Only with an --end-block before the first block of an empty database.
  if (previous === undefined && endBlock !== undefined && endBlock < from) return { head, outcome: "done" };
  if (from > target) return { head, outcome: "at-head" };

  const to = least(target, from + BigInt(options.batchSize));
  if (to === endBlock) return { head, range: { from, to }, outcome: "done" };
  return { head, range: { from, to }, outcome: to === target ? "at-head" : "behind" };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
