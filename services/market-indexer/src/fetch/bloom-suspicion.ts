// Whether a block's logs bloom speaks against the logs that came for it. Pure.
import { bloomBitsOf, bloomFill, bloomHas, hexToBuffer, parseBloom, type BloomBits } from "@tidegate/chain";
import { MARKET_TOPICS } from "../decode/abi.ts";
import type { BlockHeader, FetchedLog } from "../types.ts";

interface BloomQuestion {
  readonly header: BlockHeader;
  /** Those that came for this block. */
  readonly logs: readonly FetchedLog[];
  /** Whether each topic is held against the bloom, which costs a hash for each; else the address and the first topics are. */
  readonly isThorough: boolean;
}

export type BloomVerdict =
  | { readonly kind: "fits" }
  /** The bloom has not what the logs have: header or logs are not true. */
  | { readonly kind: "contradicts"; readonly reason: string }
  /** The bloom has what no log has: logs may be missing. `odds`: how likely that is chance, 0 to 1. */
  | { readonly kind: "suspicious"; readonly odds: number }
  /** The bloom is so full that it would fit other logs as well. */
  | { readonly kind: "vague"; readonly isFull: boolean };

export type JudgeBloom = (question: BloomQuestion) => BloomVerdict;

const KEPT_TOPICS = 16_384;

/** Above it, chance explains what a bloom seems to say: one block in ten would be asked for again in vain. */
const TELLING_ODDS = 0.1;

const FITS: BloomVerdict = { kind: "fits" };

/** A judge for the logs of one contract. */
export function createBloomJudge(marketAddress: string): JudgeBloom {
  const address = bloomBitsOf(hexToBuffer(marketAddress));
  const topics = new Map(MARKET_TOPICS.map((topic): [string, BloomBits] => [topic, bloomBitsOf(hexToBuffer(topic))]));
  const bitsOf = createBitsOf();
  return ({ header, logs, isThorough }) => {
    if (header.logsBloom === null) throw new TypeError("it has none");
    const bloom = parseBloom(header.logsBloom);
    if (!bloomHas(bloom, address)) return logs.length === 0 ? FITS : contradicts("the market's address");
    const present = new Set<string>(logs.map((log) => log.topics[0] ?? ""));
    for (const topic of present) {
      const bits = topics.get(topic);
      if (bits === undefined || !bloomHas(bloom, bits)) return contradicts(`the topic ${topic}`);
    }
    const strange = isThorough ? strangeTopic(bloom, logs, bitsOf) : undefined;
    if (strange !== undefined) return contradicts(`the topic ${strange}`);
    const absent = [...topics].filter(([topic, bits]) => !present.has(topic) && bloomHas(bloom, bits)).length;
    const fill = bloomFill(bloom);
    // What is asked of a bloom has three bits.
    const chance = fill ** 3;
    const odds = absent === 0 ? chance : absent * chance * (logs.length === 0 ? chance : 1);
    if (odds > TELLING_ODDS) return { kind: "vague", isFull: fill === 1 };
    return absent === 0 ? FITS : { kind: "suspicious", odds };
  };
}

function contradicts(what: string): BloomVerdict {
  return { kind: "contradicts", reason: `has a log with ${what}, which the block's bloom has not` };
}

/** The bits of topics, kept for those that come again: a request's id comes with each of its events. */
function createBitsOf(): (topic: string) => BloomBits {
  let kept = new Map<string, BloomBits>();
  return (topic) => {
    const known = kept.get(topic);
    if (known !== undefined) return known;
    if (kept.size >= KEPT_TOPICS) kept = new Map();
    const bits = bloomBitsOf(hexToBuffer(topic));
    kept.set(topic, bits);
    return bits;
  };
}

function strangeTopic(
  bloom: Buffer,
  logs: readonly FetchedLog[],
  bitsOf: (topic: string) => BloomBits,
): string | undefined {
  for (const { topics } of logs) {
    // The first one is asked about with the address.
    for (let index = 1; index < topics.length; index++) {
      const topic = topics[index] ?? "";
      if (!bloomHas(bloom, bitsOf(topic))) return topic;
    }
  }
  return undefined;
}
