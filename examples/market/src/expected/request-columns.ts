// A request as a row of proof_requests, without its place.
import type { Hex } from "@tidegate/chain";
import type { LedgerRequest } from "../traffic/ledger-line.ts";
import { clientOf } from "../traffic/make-agenda.ts";
import { deadlineOf, lockDeadlineOf } from "../traffic/request-values.ts";

export interface RequestColumns {
  readonly request_digest: Hex;
  readonly request_id: Hex;
  readonly client_address: Hex;
  readonly predicate_type: string;
  readonly predicate_data: Hex;
  readonly callback_address: Hex;
  readonly callback_gas_limit: string;
  readonly selector: Hex;
  readonly input_type: string;
  readonly input_data: Hex;
  /** Null for ClaimDigestMatch and for data shorter than 32 bytes. */
  readonly image_id: Hex | null;
  /** Text, with U+FFFD for what is not UTF-8 and for NUL. */
  readonly image_url: string;
  readonly min_price: string;
  readonly max_price: string;
  readonly lock_collateral: string;
  readonly ramp_up_start: string;
  readonly ramp_up_period: number;
  readonly lock_timeout: number;
  readonly timeout: number;
  readonly lock_end: string;
  readonly expires_at: string;
  readonly client_signature: Hex;
  readonly submission_timestamp: number;
}

const PREDICATE_TYPES = ["DigestMatch", "PrefixMatch", "ClaimDigestMatch"] as const;
const INPUT_TYPES = ["Inline", "Url"] as const;
export const FULFILLMENT_DATA_TYPES = ["None", "ImageIdAndJournal"] as const;

export function requestColumns(
  digest: Hex,
  request: LedgerRequest,
  clientSignature: Hex,
  submittedAt: number,
): RequestColumns {
  const { requirements, input, offer } = request;
  const { predicate, callback } = requirements;
  const predicateType = PREDICATE_TYPES[predicate.predicateType] ?? "";
  const hasImageId = predicateType !== "ClaimDigestMatch" && predicate.data.length >= 2 + 64;
  return {
    request_digest: digest,
    request_id: request.id,
    client_address: clientOf(request),
    predicate_type: predicateType,
    predicate_data: predicate.data,
    callback_address: callback.addr,
    callback_gas_limit: callback.gasLimit,
    selector: requirements.selector,
    input_type: INPUT_TYPES[input.inputType] ?? "",
    input_data: input.data,
    image_id: hasImageId ? (predicate.data.slice(0, 2 + 64) as Hex) : null,
    image_url: Buffer.from(request.imageUrl.slice(2), "hex").toString("utf8").replaceAll("\0", "\uFFFD"),
    min_price: offer.minPrice,
    max_price: offer.maxPrice,
    lock_collateral: offer.lockCollateral,
    ramp_up_start: offer.rampUpStart,
    ramp_up_period: offer.rampUpPeriod,
    lock_timeout: offer.lockTimeout,
    timeout: offer.timeout,
    lock_end: lockDeadlineOf(request).toString(),
    expires_at: deadlineOf(request).toString(),
    client_signature: clientSignature,
    submission_timestamp: submittedAt,
  };
}
