// A row of the database to the request object of the API.
import { exactInteger } from "./format/exact-integer.ts";
import { formatAmount } from "./format/amount.ts";
import { requestIdToHex, toHex } from "./format/hex.ts";
import { isoTime } from "./format/iso-time.ts";
import type { RequestRow } from "./queries/request-row.ts";
import type { RequestObject } from "./schemas.ts";

/** Hashes and bytes become 0x and lower-case digits, amounts a string and a readable form, times a number and ISO 8601. */
export function requestObject(row: RequestRow): RequestObject {
  return { ...identityOf(row), ...timesOf(row), ...placesOf(row), ...pricesOf(row), ...contentOf(row) };
}

function identityOf(row: RequestRow) {
  return {
    request_digest: toHex(row.request_digest),
    request_id: requestIdToHex(row.request_id),
    request_status: row.request_status,
    slashed_status: row.slashed_status,
    source: row.source,
    client_address: toHex(row.client_address),
    lock_prover_address: toHex(row.lock_prover_address),
    fulfill_prover_address: toHex(row.fulfill_prover_address),
  };
}

function timesOf(row: RequestRow) {
  return {
    ...time("created_at", row.created_at),
    ...time("updated_at", row.updated_at),
    ...nullableTime("locked_at", row.locked_at),
    ...nullableTime("fulfilled_at", row.fulfilled_at),
    ...nullableTime("slashed_at", row.slashed_at),
    ...nullableTime("lock_prover_delivered_proof_at", row.lock_prover_delivered_proof_at),
    ...time("ramp_up_start", BigInt(row.ramp_up_start)),
    ramp_up_period: exactInteger(row.ramp_up_period),
    ...time("lock_end", BigInt(row.lock_end)),
    ...time("expires_at", BigInt(row.expires_at)),
  };
}

function placesOf(row: RequestRow) {
  return {
    submit_block: nullableInteger(row.submit_block),
    lock_block: nullableInteger(row.lock_block),
    fulfill_block: nullableInteger(row.fulfill_block),
    slashed_block: nullableInteger(row.slashed_block),
    submit_tx_hash: toHex(row.submit_tx_hash),
    lock_tx_hash: toHex(row.lock_tx_hash),
    fulfill_tx_hash: toHex(row.fulfill_tx_hash),
    slash_tx_hash: toHex(row.slash_tx_hash),
  };
}

function pricesOf(row: RequestRow) {
  return {
    min_price: row.min_price,
    min_price_formatted: formatAmount(row.min_price, "ETH"),
    max_price: row.max_price,
    max_price_formatted: formatAmount(row.max_price, "ETH"),
    lock_price: row.lock_price,
    lock_price_formatted: formatAmount(row.lock_price, "ETH"),
    lock_collateral: row.lock_collateral,
    lock_collateral_formatted: formatAmount(row.lock_collateral, "ZKC"),
    slash_recipient: toHex(row.slash_recipient),
    slash_transferred_amount: row.slash_transferred_amount,
    slash_transferred_amount_formatted: formatAmount(row.slash_transferred_amount, "ZKC"),
    slash_burned_amount: row.slash_burned_amount,
    slash_burned_amount_formatted: formatAmount(row.slash_burned_amount, "ZKC"),
  };
}

function contentOf(row: RequestRow) {
  return {
    image_id: toHex(row.image_id),
    image_url: row.image_url,
    selector: toHex(row.selector),
    predicate_type: row.predicate_type,
    predicate_data: toHex(row.predicate_data),
    input_type: row.input_type,
    input_data: toHex(row.input_data),
    fulfill_seal: toHex(row.fulfill_seal),
  };
}

type Time<Name extends string, T> = { [K in Name]: T } & { [K in `${Name}_iso`]: string | null };

function time<Name extends string>(name: Name, value: bigint): Time<Name, number> {
  // The mapped type cannot be inferred from computed keys.
  return { [name]: exactInteger(value), [`${name}_iso`]: isoTime(value) } as Time<Name, number>;
}

function nullableTime<Name extends string>(name: Name, value: bigint | null): Time<Name, number | null> {
  return { [name]: nullableInteger(value), [`${name}_iso`]: isoTime(value) } as Time<Name, number | null>;
}

function nullableInteger(value: bigint | null): number | null {
  return value === null ? null : exactInteger(value);
}
