// One request id with two digests: a request that went through everything, up to the slashing, and an off-chain one with extreme
// times. The first one's answer is written out by hand.
import type { Queryable } from "@tidegate/postgres";
import type { RequestObject } from "../schemas.ts";
import { insertRows } from "./market-database.ts";

export const DIGEST = "ab".repeat(32);
export const OTHER_DIGEST = "cd".repeat(32);
const CLIENT = "1f".repeat(20);
const PROVER = "2e".repeat(20);
const RECIPIENT = "3d".repeat(20);
/** Client and index 7, without the zeros in front. */
export const ID = `${CLIENT}00000007`;
export const PADDED_ID = ID.padStart(64, "0");
const tx = (byte: string): string => `\\x${byte.repeat(32)}`;

const keys = { request_digest: `\\x${DIGEST}`, request_id: `\\x${PADDED_ID}`, client_address: `\\x${CLIENT}` };
/** A requestor may choose any uint64 as the start of the ramp. */
const FAR = (2n ** 64n - 1n).toString();
const asked = {
  ...keys,
  source: "onchain",
  predicate_type: "DigestMatch",
  predicate_data: `\\x${"aa".repeat(64)}`,
  callback_address: `\\x${"00".repeat(20)}`,
  callback_gas_limit: "0",
  selector: "\\x00c0ffee",
  input_type: "Url",
  input_data: `\\x${Buffer.from("https://example.com/in").toString("hex")}`,
  image_id: `\\x${"aa".repeat(32)}`,
  image_url: "https://example.com/<img>",
  min_price: "1",
  max_price: (2n ** 256n - 1n).toString(),
  lock_collateral: "5000000000000000000",
  ramp_up_start: "1700000000",
  ramp_up_period: 60,
  lock_timeout: 600,
  timeout: 1_200,
  lock_end: "1700000600",
  expires_at: "1700001200",
  client_signature: "\\x",
  submission_timestamp: 1_700_000_001,
};
const slashed = {
  ...keys,
  source: "onchain",
  request_status: "fulfilled",
  slashed_status: "Slashed",
  created_at: 1_700_000_001,
  updated_at: 1_700_002_000,
  locked_at: 1_700_000_030,
  fulfilled_at: 1_700_000_700,
  slashed_at: 1_700_002_000,
  lock_prover_delivered_proof_at: 1_700_000_700,
  lock_prover_address: `\\x${PROVER}`,
  fulfill_prover_address: `\\x${PROVER}`,
  submit_block: 10,
  lock_block: 11,
  fulfill_block: 12,
  slashed_block: 13,
  submit_tx_hash: tx("10"),
  lock_tx_hash: tx("11"),
  fulfill_tx_hash: tx("12"),
  slash_tx_hash: tx("13"),
  lock_end: "1700000600",
  expires_at: "1700001200",
  lock_price: "1500000000000000000",
  slash_recipient: `\\x${RECIPIENT}`,
  slash_transferred_amount: "2500000000000000000",
  slash_burned_amount: "2500000000000000001",
};
const proof = (block: number, logIndex: number, prover: string, seal: string) => ({
  request_digest: keys.request_digest,
  request_id: keys.request_id,
  block_number: block,
  log_index: logIndex,
  tx_hash: tx("12"),
  block_timestamp: 0,
  prover_address: `\\x${prover}`,
  claim_digest: tx("00"),
  fulfillment_data_type: "None",
  fulfillment_data: "\\x",
  seal: `\\x${seal}`,
});
const offchain = {
  request_digest: `\\x${OTHER_DIGEST}`,
  request_id: keys.request_id,
  client_address: keys.client_address,
  source: "offchain",
  request_status: "submitted",
  slashed_status: "N/A",
  created_at: 1_700_000_002,
  updated_at: 1_700_000_002,
  lock_end: FAR,
  expires_at: FAR,
};

export async function insertTwoDigests(pool: Queryable): Promise<void> {
  const other = {
    ...asked,
    request_digest: offchain.request_digest,
    source: "offchain",
    image_id: null,
    input_data: "\\x",
  };
  await insertRows(pool, "proof_requests", [asked, { ...other, ramp_up_start: FAR, lock_end: FAR, expires_at: FAR }]);
  await insertRows(pool, "request_status", [slashed, offchain]);
  // The earliest of all is another prover's, and the earliest of the fulfilling prover is not the first row.
  const proofs = [proof(12, 9, PROVER, "09"), proof(12, 3, PROVER, "03"), proof(11, 1, RECIPIENT, "01")];
  await insertRows(pool, "proofs", proofs);
}

export const SLASHED_REQUEST: RequestObject = {
  request_digest: `0x${DIGEST}`,
  request_id: `0x${ID}`,
  request_status: "fulfilled",
  slashed_status: "Slashed",
  source: "onchain",
  client_address: `0x${CLIENT}`,
  lock_prover_address: `0x${PROVER}`,
  fulfill_prover_address: `0x${PROVER}`,
  created_at: 1_700_000_001,
  created_at_iso: "2023-11-14T22:13:21Z",
  updated_at: 1_700_002_000,
  updated_at_iso: "2023-11-14T22:46:40Z",
  locked_at: 1_700_000_030,
  locked_at_iso: "2023-11-14T22:13:50Z",
  fulfilled_at: 1_700_000_700,
  fulfilled_at_iso: "2023-11-14T22:25:00Z",
  slashed_at: 1_700_002_000,
  slashed_at_iso: "2023-11-14T22:46:40Z",
  lock_prover_delivered_proof_at: 1_700_000_700,
  lock_prover_delivered_proof_at_iso: "2023-11-14T22:25:00Z",
  ramp_up_start: 1_700_000_000,
  ramp_up_start_iso: "2023-11-14T22:13:20Z",
  ramp_up_period: 60,
  lock_end: 1_700_000_600,
  lock_end_iso: "2023-11-14T22:23:20Z",
  expires_at: 1_700_001_200,
  expires_at_iso: "2023-11-14T22:33:20Z",
  submit_block: 10,
  lock_block: 11,
  fulfill_block: 12,
  slashed_block: 13,
  submit_tx_hash: `0x${"10".repeat(32)}`,
  lock_tx_hash: `0x${"11".repeat(32)}`,
  fulfill_tx_hash: `0x${"12".repeat(32)}`,
  slash_tx_hash: `0x${"13".repeat(32)}`,
  min_price: "1",
  min_price_formatted: "0.000000000000000001 ETH",
  max_price: "115792089237316195423570985008687907853269984665640564039457584007913129639935",
  max_price_formatted: "115792089237316195423570985008687907853269984665640564039457.584007913129639935 ETH",
  lock_price: "1500000000000000000",
  lock_price_formatted: "1.5 ETH",
  lock_collateral: "5000000000000000000",
  lock_collateral_formatted: "5.0 ZKC",
  slash_recipient: `0x${RECIPIENT}`,
  slash_transferred_amount: "2500000000000000000",
  slash_transferred_amount_formatted: "2.5 ZKC",
  slash_burned_amount: "2500000000000000001",
  slash_burned_amount_formatted: "2.500000000000000001 ZKC",
  image_id: `0x${"aa".repeat(32)}`,
  image_url: "https://example.com/<img>",
  selector: "0x00c0ffee",
  predicate_type: "DigestMatch",
  predicate_data: `0x${"aa".repeat(64)}`,
  input_type: "Url",
  input_data: "0x68747470733a2f2f6578616d706c652e636f6d2f696e",
  fulfill_seal: "0x03",
};
