// Between the ledger's form of a request and the ABI's.
import { hexToBuffer } from "@tidegate/chain";
import type { Fulfillment, ProofRequest } from "../contract/market-abi.ts";
import type { LedgerFulfillment, LedgerRequest } from "./ledger-line.ts";

export function toAbiRequest({ id, requirements, imageUrl, input, offer }: LedgerRequest): ProofRequest {
  const { callback, predicate, selector } = requirements;
  return {
    id: BigInt(id),
    requirements: {
      callback: { addr: hexToBuffer(callback.addr), gasLimit: BigInt(callback.gasLimit) },
      predicate: { predicateType: predicate.predicateType, data: hexToBuffer(predicate.data) },
      selector: hexToBuffer(selector),
    },
    imageUrl: hexToBuffer(imageUrl),
    input: { inputType: input.inputType, data: hexToBuffer(input.data) },
    offer: {
      minPrice: BigInt(offer.minPrice),
      maxPrice: BigInt(offer.maxPrice),
      rampUpStart: BigInt(offer.rampUpStart),
      rampUpPeriod: offer.rampUpPeriod,
      lockTimeout: offer.lockTimeout,
      timeout: offer.timeout,
      lockCollateral: BigInt(offer.lockCollateral),
    },
  };
}

export function toAbiFulfillment(fulfillment: LedgerFulfillment): Fulfillment {
  return {
    id: BigInt(fulfillment.id),
    requestDigest: hexToBuffer(fulfillment.requestDigest),
    claimDigest: hexToBuffer(fulfillment.claimDigest),
    fulfillmentDataType: fulfillment.fulfillmentDataType,
    fulfillmentData: hexToBuffer(fulfillment.fulfillmentData),
    seal: hexToBuffer(fulfillment.seal),
  };
}

/** The last second in which the request can be locked, exactly. */
export function lockDeadlineOf({ offer }: LedgerRequest): bigint {
  return BigInt(offer.rampUpStart) + BigInt(offer.lockTimeout);
}

/** The last second in which a proof can be delivered, exactly. */
export function deadlineOf({ offer }: LedgerRequest): bigint {
  return BigInt(offer.rampUpStart) + BigInt(offer.timeout);
}
