// The endpoint serves another chain than the one meant.
import { TidegateError } from "@tidegate/kernel";

export class WrongChainId extends TidegateError {
  override readonly name = "WrongChainId";
  constructor(facts: { expected: bigint; actual: bigint }) {
    super({
      code: "rpc.wrong-chain-id",
      message: `The RPC endpoint serves chain ${facts.actual}, not chain ${facts.expected}. Nothing was changed.`,
      remedy: "Correct the RPC URL or the chain id; they must name the same chain.",
      details: { expected: facts.expected.toString(), actual: facts.actual.toString() },
      blame: "user",
    });
  }
}
