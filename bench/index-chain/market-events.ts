// The ten events of the market, to be encoded: topics and data as the chain carries them.
import {
  abi,
  compileEncoder,
  compileStructHash,
  hashDomain,
  typedDataDigest,
  type AbiFields,
  type ValueOf,
} from "@tidegate/chain";

const { address, bytes, event, fixedBytes, indexed, string, struct, uint } = abi;

const proofRequest = struct("ProofRequest", {
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

export type ProofRequest = ValueOf<typeof proofRequest>;

const id = indexed(uint(256));
const transfer = { account: indexed(address), value: uint(256) };

/** The order is that of every list of kinds in this bench. */
export const EVENT_NAMES = [
  "RequestSubmitted",
  "RequestLocked",
  "RequestFulfilled",
  "ProofDelivered",
  "ProverSlashed",
  "CallbackFailed",
  "Deposit",
  "Withdrawal",
  "CollateralDeposit",
  "CollateralWithdrawal",
] as const;

export type EventName = (typeof EVENT_NAMES)[number];

const EVENTS = {
  RequestSubmitted: event("RequestSubmitted", { requestId: id, request: proofRequest, clientSignature: bytes }),
  RequestLocked: event("RequestLocked", {
    requestId: id,
    prover: address,
    request: proofRequest,
    clientSignature: bytes,
  }),
  RequestFulfilled: event("RequestFulfilled", {
    requestId: id,
    prover: indexed(address),
    requestDigest: fixedBytes(32),
  }),
  ProofDelivered: event("ProofDelivered", { requestId: id, prover: indexed(address), fulfillment }),
  ProverSlashed: event("ProverSlashed", {
    requestId: id,
    collateralBurned: uint(256),
    collateralTransferred: uint(256),
    collateralRecipient: address,
  }),
  CallbackFailed: event("CallbackFailed", { requestId: id, callback: address, error: bytes }),
  Deposit: event("Deposit", transfer),
  Withdrawal: event("Withdrawal", transfer),
  CollateralDeposit: event("CollateralDeposit", transfer),
  CollateralWithdrawal: event("CollateralWithdrawal", transfer),
} as const;

/** "0x…", in the order of EVENT_NAMES. */
export const EVENT_TOPICS: readonly string[] = EVENT_NAMES.map((name) => EVENTS[name].topic0);

export interface EmittedEvent {
  readonly name: EventName;
  /** Two or three, of 32 bytes. */
  readonly topics: readonly Buffer[];
  readonly data: Buffer;
}

function emitter<F extends AbiFields>(
  name: EventName,
  fields: F,
): (
  indexedValues: readonly (bigint | Buffer)[],
  values: Parameters<ReturnType<typeof compileEncoder<F>>>[0],
) => EmittedEvent {
  const encode = compileEncoder(fields);
  const topic0 = Buffer.from(EVENTS[name].topic0.slice(2), "hex");
  return (indexedValues, values) => ({ name, topics: [topic0, ...indexedValues.map(topicOf)], data: encode(values) });
}

function topicOf(value: bigint | Buffer): Buffer {
  if (typeof value === "bigint") return Buffer.from(value.toString(16).padStart(64, "0"), "hex");
  return Buffer.concat([Buffer.alloc(32 - value.length), value]);
}

/** Each takes its indexed values in order, then the others by name. */
export const emit = {
  RequestSubmitted: emitter("RequestSubmitted", { request: proofRequest, clientSignature: bytes }),
  RequestLocked: emitter("RequestLocked", { prover: address, request: proofRequest, clientSignature: bytes }),
  RequestFulfilled: emitter("RequestFulfilled", { requestDigest: fixedBytes(32) }),
  ProofDelivered: emitter("ProofDelivered", { fulfillment }),
  ProverSlashed: emitter("ProverSlashed", {
    collateralBurned: uint(256),
    collateralTransferred: uint(256),
    collateralRecipient: address,
  }),
  CallbackFailed: emitter("CallbackFailed", { callback: address, error: bytes }),
  Deposit: emitter("Deposit", { value: uint(256) }),
  Withdrawal: emitter("Withdrawal", { value: uint(256) }),
  CollateralDeposit: emitter("CollateralDeposit", { value: uint(256) }),
  CollateralWithdrawal: emitter("CollateralWithdrawal", { value: uint(256) }),
} as const;

const hashRequest = compileStructHash(proofRequest);

/** EIP-712 digests of requests to one market. */
export function requestDigester(chainId: bigint, market: Buffer): (request: ProofRequest) => Buffer {
  const domain = hashDomain({ name: "IBoundlessMarket", version: "1", chainId, verifyingContract: market });
  return (request) => typedDataDigest(domain, hashRequest(request));
}
