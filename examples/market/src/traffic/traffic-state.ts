// What the generator holds between two actions, and how a ledger gives it back.
import type { Hex } from "@tidegate/chain";
import type { LedgerContent } from "./ledger.ts";
import type { LedgerAction } from "./ledger-line.ts";
import { applyAction, createMarketModel, type MarketModel } from "./market-model.ts";

export interface TrafficState {
  model: MarketModel;
  nextSeq: number;
  /** Sent, or about to be sent, and not yet seen in a block; by sender and nonce, oldest first. */
  readonly underWay: Map<string, UnderWay>;
  /** A sending failed: it is not known whether the chain has all that is under way. */
  isUncertain: boolean;
  /** The newest block whose transactions were looked at. */
  seen: { readonly number: number; readonly hash: Hex; readonly timestamp: number };
  readonly counts: { actions: number; mined: number; reverted: number; void: number };
}

interface UnderWay {
  readonly action: LedgerAction;
  /** The newest block seen when it was sent. */
  readonly sentAfter: number;
}

/** Names an action's place on the chain. */
export function placeOf({ from, nonce }: { readonly from: Hex; readonly nonce: number }): string {
  return `${from}:${nonce}`;
}

/** The model after all actions that are not void; reverted ones only used up a nonce. */
export function modelOf(content: Pick<LedgerContent, "actions" | "revertedSeqs">): MarketModel {
  const model = createMarketModel();
  for (const action of content.actions) {
    applyAction(model, action, content.revertedSeqs.has(action.seq) ? "reverted" : "done");
  }
  return model;
}
