// The endpoint serves another chain than the one meant.
import { TidegateError } from "@tidegate/kernel";

export class WrongChainId extends TidegateError {
  override readonly name = "WrongChainId";
  constructor(facts: {
    expected: bigint;
    actual: bigint;
    /** Redacted; where it is one of several. */
    url?: string;
  }) {
    const { expected, actual, url } = facts;
    super({
      code: "rpc.wrong-chain-id",
      message: `The RPC endpoint${url === undefined ? "" : ` ${url}`} serves chain ${actual}, not chain ${expected}. Nothing was changed.`,
      remedy: "Correct the RPC URL or the chain id; they must name the same chain.",
      details: { expected: expected.toString(), actual: actual.toString(), ...(url === undefined ? {} : { url }) },
      blame: "user",
    });
  }
}
