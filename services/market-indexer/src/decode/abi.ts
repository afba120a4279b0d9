// The market's ABI as far as it is indexed: the ten events and the structs in them.
import { abi, type AbiEvent, type EventValues, type ValueOf } from "@tidegate/chain";

const { address, bytes, event, fixedBytes, indexed, string, struct, uint } = abi;

/** Struct and field names count: they are what the EIP-712 type hash is made of. */
export const proofRequest = struct("ProofRequest", {
  id: uint(256),
  requirements: struct("Requirements", {
    callback: struct("Callback", { addr: address, gasLimit: uint(96) }),
    predicate: struct("Predicate", { predicateType: uint(8), data: bytes }),
    selector: fixedBytes(4),
  }),
  imageUrl: string,
  input: struct("Input", { inputType: uint(8), data: bytes }),
  offer: struct("Offer", {
    minPrice: uint(256),
    maxPrice: uint(256),
    rampUpStart: uint(64),
    rampUpPeriod: uint(32),
    lockTimeout: uint(32),
    timeout: uint(32),
    lockCollateral: uint(256),
  }),
});

const fulfillment = struct("Fulfillment", {
  id: uint(256),
  requestDigest: fixedBytes(32),
  claimDigest: fixedBytes(32),
  fulfillmentDataType: uint(8),
  fulfillmentData: bytes,
  seal: bytes,
});

const transfer = { account: indexed(address), value: uint(256) };

export const marketEvents = {
  RequestSubmitted: event("RequestSubmitted", {
    requestId: indexed(uint(256)),
    request: proofRequest,
    clientSignature: bytes,
  }),
  RequestLocked: event("RequestLocked", {
    requestId: indexed(uint(256)),
    prover: address,
    request: proofRequest,
    clientSignature: bytes,
  }),
  RequestFulfilled: event("RequestFulfilled", {
    requestId: indexed(uint(256)),
    prover: indexed(address),
    requestDigest: fixedBytes(32),
  }),
  ProofDelivered: event("ProofDelivered", {
    requestId: indexed(uint(256)),
    prover: indexed(address),
    fulfillment,
  }),
  ProverSlashed: event("ProverSlashed", {
    requestId: indexed(uint(256)),
    collateralBurned: uint(256),
    collateralTransferred: uint(256),
    collateralRecipient: address,
  }),
  CallbackFailed: event("CallbackFailed", {
    requestId: indexed(uint(256)),
    callback: address,
    error: bytes,
  }),
  Deposit: event("Deposit", transfer),
  Withdrawal: event("Withdrawal", transfer),
  CollateralDeposit: event("CollateralDeposit", transfer),
  CollateralWithdrawal: event("CollateralWithdrawal", transfer),
} as const satisfies Readonly<Record<string, AbiEvent>>;

type MarketEvents = typeof marketEvents;

export type MarketEventName = keyof MarketEvents;

/** A uint256 is a bigint, addresses and bytes are Buffers, the image URL is its raw bytes. */
export type ProofRequest = ValueOf<typeof proofRequest>;

export type MarketEventArgs<N extends MarketEventName> = EventValues<MarketEvents[N]["fields"]>;

export const MARKET_EVENT_NAMES = Object.keys(marketEvents) as readonly MarketEventName[];

/** What eth_getLogs is asked for. */
export const MARKET_TOPICS: readonly `0x${string}`[] = MARKET_EVENT_NAMES.map((name) => marketEvents[name].topic0);

/** The numbers of Solidity's enums, as the tables name them. */
export const PREDICATE_TYPES = ["DigestMatch", "PrefixMatch", "ClaimDigestMatch"] as const;
export const INPUT_TYPES = ["Inline", "Url"] as const;
export const FULFILLMENT_DATA_TYPES = ["None", "ImageIdAndJournal"] as const;
