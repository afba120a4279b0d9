// The rows that the probe writes: the tables of the market, without what is derived from them.
import { createCopyRows, type CopyRows } from "./copy-rows.ts";

const PLACE = ["block_number", "log_index", "tx_hash", "block_timestamp"];
const TRANSFER = [...PLACE, "account", "value"];
const PROVEN = [...PLACE, "request_digest", "request_id", "prover_address"];

const COLUMNS = {
  blocks: ["block_number", "block_hash", "parent_hash", "block_timestamp", "base_fee"],
  transactions: ["tx_hash", "block_number", "transaction_index", "from_address", "block_timestamp"],
  proof_requests: [
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
  ],
  request_submitted_events: [...PLACE, "request_digest", "request_id"],
  request_locked_events: PROVEN,
  request_fulfilled_events: PROVEN,
  proof_delivered_events: PROVEN,
  proofs: [...PROVEN, "claim_digest", "fulfillment_data_type", "fulfillment_data", "seal"],
  prover_slashed_events: [
    ...PLACE,
    "request_id",
    "prover_address",
    "burn_value",
    "transfer_value",
    "collateral_recipient",
  ],
  callback_failed_events: [...PLACE, "request_id", "callback_address", "error_data"],
  deposit_events: TRANSFER,
  withdrawal_events: TRANSFER,
  collateral_deposit_events: TRANSFER,
  collateral_withdrawal_events: TRANSFER,
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ProbeTable = keyof typeof COLUMNS;

export const PROBE_TABLES = Object.keys(COLUMNS) as readonly ProbeTable[];

export function copySql(table: ProbeTable): string {
  return `copy ${table} (${COLUMNS[table].join(", ")}) from stdin (format binary)`;
}

export type ProbeRows = Readonly<Record<ProbeTable, CopyRows & { readonly fields: number }>>;

export function createProbeRows(): ProbeRows {
  const entries = PROBE_TABLES.map((table) => {
    // `rows` is a getter: it must not be copied by its value.
    const rows = createCopyRows(2 ** 18);
    return [table, Object.assign(Object.create(rows) as CopyRows, { fields: COLUMNS[table].length })];
  });
  return Object.fromEntries(entries) as ProbeRows;
}
