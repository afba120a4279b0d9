// One request as the database gives it: what it asks for, its status, and the seal that fulfilled it.

/** int8 arrives as bigint, numeric as a decimal string, bytea as Buffer. */
export interface RequestRow {
  readonly request_digest: Buffer;
  readonly request_id: Buffer;
  readonly request_status: "submitted" | "locked" | "fulfilled" | "expired";
  readonly slashed_status: "N/A" | "Pending" | "Slashed";
  readonly source: "onchain" | "offchain" | "unknown";
  readonly client_address: Buffer;
  readonly lock_prover_address: Buffer | null;
  readonly fulfill_prover_address: Buffer | null;
  readonly created_at: bigint;
  readonly updated_at: bigint;
  readonly locked_at: bigint | null;
  readonly fulfilled_at: bigint | null;
  readonly slashed_at: bigint | null;
  readonly lock_prover_delivered_proof_at: bigint | null;
  readonly submit_block: bigint | null;
  readonly lock_block: bigint | null;
  readonly fulfill_block: bigint | null;
  readonly slashed_block: bigint | null;
  readonly submit_tx_hash: Buffer | null;
  readonly lock_tx_hash: Buffer | null;
  readonly fulfill_tx_hash: Buffer | null;
  readonly slash_tx_hash: Buffer | null;
  readonly min_price: string;
  readonly max_price: string;
  readonly lock_collateral: string;
  readonly lock_price: string | null;
  readonly ramp_up_start: string;
  readonly ramp_up_period: bigint;
  readonly expires_at: string;
  readonly lock_end: string;
  readonly slash_recipient: Buffer | null;
  readonly slash_transferred_amount: string | null;
  readonly slash_burned_amount: string | null;
  readonly image_id: Buffer | null;
  readonly image_url: string;
  readonly selector: Buffer;
  readonly predicate_type: "DigestMatch" | "PrefixMatch" | "ClaimDigestMatch";
  readonly predicate_data: Buffer;
  readonly input_type: "Inline" | "Url";
  readonly input_data: Buffer;
  readonly fulfill_seal: Buffer | null;
}

/** The columns of a RequestRow, over the tables of `REQUEST_JOINS`. */
export const REQUEST_COLUMNS = `
  status.request_digest, status.request_id, status.request_status, status.slashed_status, status.source, status.client_address,
  status.lock_prover_address, status.fulfill_prover_address, status.created_at, status.updated_at, status.locked_at,
  status.fulfilled_at, status.slashed_at, status.lock_prover_delivered_proof_at,
  status.submit_block, status.lock_block, status.fulfill_block, status.slashed_block,
  status.submit_tx_hash, status.lock_tx_hash, status.fulfill_tx_hash, status.slash_tx_hash,
  status.lock_price, status.lock_end, status.expires_at,
  status.slash_recipient, status.slash_transferred_amount, status.slash_burned_amount,
  asked.min_price, asked.max_price, asked.lock_collateral, asked.ramp_up_start, asked.ramp_up_period,
  asked.image_id, asked.image_url, asked.selector, asked.predicate_type, asked.predicate_data, asked.input_type, asked.input_data,
  proof.seal as fulfill_seal`;

/** Joins what a row of `status` needs; the seal is the earliest that the fulfilling prover delivered for the digest. */
export const REQUEST_JOINS = `
  join proof_requests asked on asked.request_digest = status.request_digest
  left join lateral (
    select seal from proofs
    where request_digest = status.request_digest and prover_address = status.fulfill_prover_address
    order by block_number, log_index
    limit 1
  ) proof on true`;
