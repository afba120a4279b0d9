// eth_getLogs over more blocks, or with more results, than the endpoint gives at once.
import { TidegateError } from "@tidegate/kernel";

/** What the endpoint said would work. */
export interface RangeHint {
  /** A block range, ends included. */
  readonly range?: { readonly fromBlock: bigint; readonly toBlock: bigint };
  /** The endpoint's fixed limit, in blocks. */
  readonly maxBlocks?: bigint;
}

export class RpcRangeTooLarge extends TidegateError {
  override readonly name = "RpcRangeTooLarge";
  readonly hint: RangeHint;
  constructor(facts: { method: string; url: string; reason: string; hint: RangeHint }) {
    super({
      code: "rpc.range-too-large",
      message: `${facts.url} refused the block range of ${facts.method}: ${facts.reason}.`,
      remedy: "Ask for fewer blocks at once; getLogs does so by itself.",
      details: { method: facts.method, url: facts.url, reason: facts.reason },
      blame: "dependency",
    });
    this.hint = facts.hint;
  }
}

/** One block holds more logs than the endpoint gives, or than it can find in its time: there is nothing left to halve. */
export class RpcBlockTooLarge extends TidegateError {
  override readonly name = "RpcBlockTooLarge";
  constructor(facts: { block: bigint; cause: unknown }) {
    super({
      code: "rpc.block-too-large",
      message: `The endpoint does not give the logs of block ${facts.block}, although it was asked for that block alone.`,
      remedy: "Try again, if it was busy; else use an endpoint with a higher limit for eth_getLogs.",
      details: { block: facts.block.toString() },
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
    });
  }
}
