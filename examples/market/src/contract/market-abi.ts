// The market's functions and structs, as the traffic calls them. Text and amounts have the forms of the ABI part: strings are bytes.
import { abi, compileCallEncoder, compileStructHash, hashDomain, typedDataDigest, type ValueOf } from "@tidegate/chain";

const { address, bytes, fixedBytes, func, string, struct, uint } = abi;

const callback = struct("Callback", { addr: address, gasLimit: uint(96) });
const predicate = struct("Predicate", { predicateType: uint(8), data: bytes });
const requirements = struct("Requirements", { callback, predicate, selector: fixedBytes(4) });
const input = struct("Input", { inputType: uint(8), data: bytes });
const offer = struct("Offer", {
  minPrice: uint(256),
  maxPrice: uint(256),
  rampUpStart: uint(64),
  rampUpPeriod: uint(32),
  lockTimeout: uint(32),
  timeout: uint(32),
  lockCollateral: uint(256),
});
const proofRequest = struct("ProofRequest", { id: uint(256), requirements, imageUrl: string, input, offer });
const fulfillment = struct("Fulfillment", {
  id: uint(256),
  requestDigest: fixedBytes(32),
  claimDigest: fixedBytes(32),
  fulfillmentDataType: uint(8),
  fulfillmentData: bytes,
  seal: bytes,
});

export type ProofRequest = ValueOf<typeof proofRequest>;
export type Fulfillment = ValueOf<typeof fulfillment>;

const announced = { request: proofRequest, clientSignature: bytes };
const delivered = { request: proofRequest, fulfillment, prover: address };
const amount = { value: uint(256) };

/** Encoders of calldata, by function. */
export const encodeCall = {
  submitRequest: compileCallEncoder(func("submitRequest", announced)),
  lockRequest: compileCallEncoder(func("lockRequest", announced)),
  fulfill: compileCallEncoder(func("fulfill", delivered)),
  fulfillAndWithdraw: compileCallEncoder(func("fulfillAndWithdraw", delivered)),
  slash: compileCallEncoder(func("slash", { requestId: uint(256) })),
  deposit: compileCallEncoder(func("deposit", {})),
  withdraw: compileCallEncoder(func("withdraw", amount)),
  depositCollateral: compileCallEncoder(func("depositCollateral", amount)),
  withdrawCollateral: compileCallEncoder(func("withdrawCollateral", amount)),
  requestDigest: compileCallEncoder(func("requestDigest", { request: proofRequest })),
} as const;

const hashRequest = compileStructHash(proofRequest);

/** The EIP-712 digests of requests to a market: name "IBoundlessMarket", version "1". */
export function requestDigester(chainId: bigint, market: Buffer): (request: ProofRequest) => Buffer {
  const domain = hashDomain({ name: "IBoundlessMarket", version: "1", chainId, verifyingContract: market });
  return (request) => typedDataDigest(domain, hashRequest(request));
}
