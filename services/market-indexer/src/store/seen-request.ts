// A request as an event or the order stream shows it, and the row that it becomes.
import type { CopyEncoder } from "@tidegate/postgres";
import { INPUT_TYPES, PREDICATE_TYPES, type ProofRequest } from "../decode/abi.ts";
import type { EventPlace, MarketEvent, OffchainRequest } from "../types.ts";
import { writeId, type CopyTable } from "./copy-table.ts";
import type { Sighting } from "./sighting-rank.ts";

/** onchain: submitted; offchain: of the order stream; unknown: carried by a lock. */
export interface SeenRequest extends Sighting {
  readonly digest: Buffer;
  readonly request: ProofRequest;
  readonly clientSignature: Buffer;
}

export const REQUEST_COLUMNS = [
  "request_digest",
  "request_id",
  "client_address",
  "source",
  "predicate_type",
  "predicate_data",
  "callback_address",
  "callback_gas_limit",
  "selector",
  "input_type",
  "input_data",
  "image_id",
  "image_url",
  "min_price",
  "max_price",
  "lock_collateral",
  "ramp_up_start",
  "ramp_up_period",
  "lock_timeout",
  "timeout",
  "lock_end",
  "expires_at",
  "client_signature",
  "submission_timestamp",
  "tx_hash",
  "block_number",
  "log_index",
  "block_timestamp",
] as const;

const requestTable = (name: string): CopyTable<SeenRequest> => ({
  name,
  columns: REQUEST_COLUMNS,
  write: (to, seen) => {
    const { requirements, offer } = seen.request;
    to.bytea(seen.digest);
    writeId(to, seen.request.id);
    to.byteaHex(clientOf(seen.request.id));
    to.text(seen.source);
    to.text(PREDICATE_TYPES[requirements.predicate.predicateType] ?? "");
    to.bytea(requirements.predicate.data);
    to.bytea(requirements.callback.addr);
    to.numeric(requirements.callback.gasLimit);
    to.bytea(requirements.selector);
    to.text(INPUT_TYPES[seen.request.input.inputType] ?? "");
    to.bytea(seen.request.input.data);
    writeImageId(to, requirements.predicate);
    to.text(textOf(seen.request.imageUrl));
    writeOffer(to, offer);
    to.bytea(seen.clientSignature);
    to.int8(seen.seenAt);
    writePlace(to, seen.place);
  },
});

/** For those that are there for the first time. */
export const proofRequests = requestTable("proof_requests");
/** For those that may be there: merged by MERGE. */
export const stagedRequests = requestTable("staged_requests");

/** Undefined where the event carries none. */
export function carriedRequest(event: MarketEvent): SeenRequest | undefined {
  if (event.name !== "RequestSubmitted" && event.name !== "RequestLocked") return undefined;
  const { request, clientSignature } = event.args;
  const source = event.name === "RequestSubmitted" ? "onchain" : "unknown";
  const seenAt = event.place.blockTimestamp;
  return { digest: event.digest, request, clientSignature, source, seenAt, place: event.place };
}

export function offchainRequest(order: OffchainRequest): SeenRequest {
  return { ...order, source: "offchain", seenAt: order.createdAt, place: undefined };
}

/** Bits 32 to 191 of the id are the requestor's address. */
export function clientOf(id: bigint): string {
  return `0x${((id >> 32n) & ((1n << 160n) - 1n)).toString(16).padStart(40, "0")}`;
}

/** A claim digest hides the image; the other predicates begin with its id. */
function writeImageId(to: CopyEncoder, predicate: ProofRequest["requirements"]["predicate"]): void {
  const isHidden = PREDICATE_TYPES[predicate.predicateType] === "ClaimDigestMatch" || predicate.data.length < 32;
  if (isHidden) to.null();
  else to.bytea(predicate.data.subarray(0, 32));
}

/** PostgreSQL's text holds neither what is not UTF-8 nor NUL. */
function textOf(bytes: Buffer): string {
  return bytes.toString("utf8").replaceAll("\0", "\uFFFD");
}

function writeOffer(to: CopyEncoder, offer: ProofRequest["offer"]): void {
  to.numeric(offer.minPrice);
  to.numeric(offer.maxPrice);
  to.numeric(offer.lockCollateral);
  to.numeric(offer.rampUpStart);
  to.int8(offer.rampUpPeriod);
  to.int8(offer.lockTimeout);
  to.int8(offer.timeout);
  to.numeric(offer.rampUpStart + BigInt(offer.lockTimeout));
  to.numeric(offer.rampUpStart + BigInt(offer.timeout));
}

function writePlace(to: CopyEncoder, place: EventPlace | undefined): void {
  if (place === undefined) {
    for (let column = 0; column < 4; column++) to.null();
    return;
  }
  to.bytea(place.txHash);
  to.int8(place.blockNumber);
  to.int4(place.logIndex);
  to.int8(place.blockTimestamp);
}
