// What the traffic generator cannot go on with.
import { EXIT, TidegateError } from "@tidegate/kernel";
import type { Hex } from "@tidegate/chain";

/** The ledger tells of another chain than the one that answers. */
export class LedgerOfAnotherChain extends TidegateError {
  override readonly name = "LedgerOfAnotherChain";
  constructor(facts: { path: string; reason: string }) {
    super({
      code: "market.ledger-of-another-chain",
      message: `The ledger ${facts.path} does not belong to this chain: ${facts.reason}. Nothing was sent.`,
      remedy: "Name another ledger file with --ledger, or bring back the chain that the ledger tells of.",
      details: facts,
      blame: "user",
    });
  }
}

/** An account's nonce on the chain is beyond the ledger: somebody else sends with it. */
export class AccountIsShared extends TidegateError {
  override readonly name = "AccountIsShared";
  constructor(facts: { account: Hex; onChain: number; inLedger: number }) {
    super({
      code: "market.account-is-shared",
      message: `Account ${facts.account} has sent ${facts.onChain} transactions, the ledger knows of ${facts.inLedger}. Nothing was sent.`,
      remedy:
        "Run one traffic generator at a time, with the ledger that belongs to the chain, and use the deployer's account for your own transactions.",
      details: facts,
      blame: "user",
    });
  }
}

/** A transaction reverted, which the generator's model of the market says cannot be, or it came too late. */
export class TrafficReverted extends TidegateError {
  override readonly name = "TrafficReverted";
  constructor(facts: { seqs: readonly number[]; block: number }) {
    super({
      code: "market.traffic-reverted",
      message: `${facts.seqs.length === 1 ? "Action" : "Actions"} ${facts.seqs.join(", ")} of the ledger reverted in block ${facts.block}. The ledger says so now; the chain is unharmed.`,
      remedy:
        "Start again: the generator goes on from what did happen. If the chain did not stand still for 15 s or more before, this is a defect of the generator: report the seed and the ledger.",
      details: facts,
      retry: "now",
    });
  }
}

/** The chain does not take or mine what is sent. */
export class TrafficStuck extends TidegateError {
  override readonly name = "TrafficStuck";
  constructor(facts: { reason: string; cause?: unknown }) {
    super({
      code: "market.traffic-stuck",
      message: `The traffic does not get through: ${facts.reason}. What was sent is in the ledger.`,
      remedy: "See whether the chain runs and mines, then start again.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}
