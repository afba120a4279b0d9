// Proofs that prove nothing: random bytes of the right form.
import { abi, bufferToHex, compileEncoder, type Hex } from "@tidegate/chain";
import type { Random } from "@tidegate/kernel";
import type { LedgerFulfillment, LedgerRequest } from "./ledger-line.ts";

const encodeImageIdAndJournal = compileEncoder({ imageId: abi.fixedBytes(32), journal: abi.bytes });

export function makeFulfillment(random: Random, request: LedgerRequest, requestDigest: Hex): LedgerFulfillment {
  const fulfillmentDataType = random.pick([0, 1]);
  const journal = random.bytes(random.integer(0, 400));
  const fulfillmentData =
    fulfillmentDataType === 0 ? Buffer.alloc(0) : encodeImageIdAndJournal({ imageId: random.bytes(32), journal });
  return {
    id: request.id,
    requestDigest,
    claimDigest: bufferToHex(random.bytes(32)),
    fulfillmentDataType,
    fulfillmentData: bufferToHex(fulfillmentData),
    seal: bufferToHex(random.bytes(random.pick([4, 36, 260]))),
  };
}
