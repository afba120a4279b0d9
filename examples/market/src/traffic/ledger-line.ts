// What the ledger says, line by line. Amounts are decimal strings, bytes are "0x…", times are unix seconds of the chain. Text that a
// contract carries is bytes here, as Solidity does not promise UTF-8.
import type { Hex } from "@tidegate/chain";

/** The first line: which market this is about. */
export interface LedgerHeader {
  readonly kind: "market";
  readonly chainId: number;
  readonly market: Hex;
  readonly seed: number;
}

/** One transaction, written and flushed before it is sent. */
export interface LedgerAction {
  readonly kind: "action";
  /** Grows by one with each action. */
  readonly seq: number;
  /** Time of the chain's head when it was decided. */
  readonly at: number;
  readonly action: ActionName;
  readonly from: Hex;
  readonly nonce: number;
  /** Wei sent along (deposits), or the argument of a withdrawal and of the collateral functions. */
  readonly value?: string;
  readonly requestId?: Hex;
  readonly digest?: Hex;
  readonly request?: LedgerRequest;
  readonly clientSignature?: Hex;
  readonly prover?: Hex;
  readonly fulfillment?: LedgerFulfillment;
  /** What is to become of a request that this action brings in. */
  readonly agenda?: readonly AgendaItem[];
  /** The item of a request's agenda that this action performs. */
  readonly performs?: { readonly digest: Hex; readonly do: AgendaItem["do"] };
  /** The events that it must emit, in their order. */
  readonly expected: readonly ExpectedEvent[];
}

/** The actions up to `seq` are mined, in this block or before it. Written when it was seen, not flushed. */
export interface LedgerConfirmed {
  readonly kind: "confirmed";
  readonly seq: number;
  readonly block: number;
  readonly blockHash: Hex;
}

/** The actions from..to never reached the chain and never will: their nonces are given to later actions. */
export interface LedgerVoid {
  readonly kind: "void";
  readonly from: number;
  readonly to: number;
}

/** The action was mined and reverted: it emitted nothing and changed nothing. */
export interface LedgerReverted {
  readonly kind: "reverted";
  readonly seq: number;
  readonly block: number;
}

export type LedgerLine = LedgerHeader | LedgerAction | LedgerConfirmed | LedgerVoid | LedgerReverted;

/** The functions of the contract. */
export type ActionName =
  | "submitRequest"
  | "lockRequest"
  | "fulfill"
  | "fulfillAndWithdraw"
  | "slash"
  | "deposit"
  | "withdraw"
  | "depositCollateral"
  | "withdrawCollateral";

/** A step in a request's life, to be taken at a time from notBefore to notAfter. */
export interface AgendaItem {
  readonly do: "submit again" | "resubmit" | "lock" | "deliver" | "deliver late" | "deliver again" | "slash";
  readonly by: Hex;
  readonly notBefore: number;
  /** Null: no limit. */
  readonly notAfter: number | null;
}

export interface LedgerRequest {
  readonly id: Hex;
  readonly requirements: {
    readonly callback: { readonly addr: Hex; readonly gasLimit: string };
    readonly predicate: { readonly predicateType: number; readonly data: Hex };
    readonly selector: Hex;
  };
  readonly imageUrl: Hex;
  readonly input: { readonly inputType: number; readonly data: Hex };
  readonly offer: {
    readonly minPrice: string;
    readonly maxPrice: string;
    readonly rampUpStart: string;
    readonly rampUpPeriod: number;
    readonly lockTimeout: number;
    readonly timeout: number;
    readonly lockCollateral: string;
  };
}

export interface LedgerFulfillment {
  readonly id: Hex;
  readonly requestDigest: Hex;
  readonly claimDigest: Hex;
  readonly fulfillmentDataType: number;
  readonly fulfillmentData: Hex;
  readonly seal: Hex;
}

/** The request and the signature of the two events that carry them are those of the action. */
export type ExpectedEvent =
  | { readonly event: "RequestSubmitted"; readonly requestId: Hex; readonly digest: Hex }
  | { readonly event: "RequestLocked"; readonly requestId: Hex; readonly digest: Hex; readonly prover: Hex }
  | { readonly event: "RequestFulfilled"; readonly requestId: Hex; readonly digest: Hex; readonly prover: Hex }
  | {
      readonly event: "ProofDelivered";
      readonly requestId: Hex;
      readonly prover: Hex;
      readonly fulfillment: LedgerFulfillment;
    }
  | { readonly event: "CallbackFailed"; readonly requestId: Hex; readonly callback: Hex; readonly failure: Hex }
  | {
      readonly event: "ProverSlashed";
      readonly requestId: Hex;
      readonly burned: string;
      readonly transferred: string;
      readonly recipient: Hex;
      /** Not in the event: who had locked. */
      readonly lockProver: Hex;
    }
  | {
      readonly event: "Deposit" | "Withdrawal" | "CollateralDeposit" | "CollateralWithdrawal";
      readonly account: Hex;
      readonly value: string;
    };
