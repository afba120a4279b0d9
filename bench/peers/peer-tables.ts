// The ten event tables as a peer fills them, and ours seen in the same columns. A submission carries its request, which ours keep in
// proof_requests; a lock's request, which ours keep where nothing carried it before, is left out, and so is what is not in an event: digests of
// requests that are announced or locked, the prover that a slash hit.

interface PeerTable {
  readonly peer: string;
  readonly ours: string;
  /** Peer's column, ours, and what both hold. */
  readonly columns: ReadonlyArray<readonly [peer: string, ours: string, kind: "number" | "bytes" | "text"]>;
}

const PLACE: PeerTable["columns"] = [
  ["block_number", "block_number", "number"],
  ["log_index", "log_index", "number"],
  ["tx_hash", "tx_hash", "bytes"],
  ["block_timestamp", "block_timestamp", "number"],
];
const ASKED: PeerTable["columns"] = [...PLACE, ["request_id", "request_id", "bytes"]];
const PROVEN: PeerTable["columns"] = [...ASKED, ["prover", "prover_address", "bytes"]];
const TRANSFER: PeerTable["columns"] = [...PLACE, ["account", "account", "bytes"], ["value", "value", "number"]];

const CARRIED: PeerTable["columns"] = [
  ...PLACE.map(([peer, ours, kind]) => [peer, `event.${ours}`, kind] as const),
  ["request_id", "event.request_id", "bytes"],
  ["image_url", "image_url", "text"],
  ["input_type", "case input_type when 'Inline' then 0 else 1 end", "number"],
  ["input_data", "input_data", "bytes"],
  ["predicate_type", "case predicate_type when 'DigestMatch' then 0 when 'PrefixMatch' then 1 else 2 end", "number"],
  ["predicate_data", "predicate_data", "bytes"],
  ["callback_address", "callback_address", "bytes"],
  ["callback_gas_limit", "callback_gas_limit", "number"],
  ["selector", "selector", "bytes"],
  ["min_price", "min_price", "number"],
  ["max_price", "max_price", "number"],
  ["ramp_up_start", "ramp_up_start", "number"],
  ["ramp_up_period", "ramp_up_period", "number"],
  ["lock_timeout", "lock_timeout", "number"],
  ["timeout", "timeout", "number"],
  ["lock_collateral", "lock_collateral", "number"],
  ["signature", "client_signature", "bytes"],
];

const TABLES: readonly PeerTable[] = [
  {
    peer: "submitted",
    ours: "request_submitted_events event join proof_requests asked using (request_digest)",
    columns: CARRIED,
  },
  { peer: "locked", ours: "request_locked_events", columns: PROVEN },
  {
    peer: "fulfilled",
    ours: "request_fulfilled_events",
    columns: [...PROVEN, ["request_digest", "request_digest", "bytes"]],
  },
  {
    peer: "delivered",
    ours: "proofs",
    columns: [
      ...PROVEN,
      ["request_digest", "request_digest", "bytes"],
      ["claim_digest", "claim_digest", "bytes"],
      ["data_type", "case fulfillment_data_type when 'None' then 0 else 1 end", "number"],
      ["data", "fulfillment_data", "bytes"],
      ["seal", "seal", "bytes"],
    ],
  },
  {
    peer: "slashed",
    ours: "prover_slashed_events",
    columns: [
      ...ASKED,
      ["burned", "burn_value", "number"],
      ["transferred", "transfer_value", "number"],
      ["recipient", "collateral_recipient", "bytes"],
    ],
  },
  {
    peer: "callback_failed",
    ours: "callback_failed_events",
    columns: [...ASKED, ["callback", "callback_address", "bytes"], ["error", "error_data", "bytes"]],
  },
  { peer: "deposit", ours: "deposit_events", columns: TRANSFER },
  { peer: "withdrawal", ours: "withdrawal_events", columns: TRANSFER },
  { peer: "collateral_deposit", ours: "collateral_deposit_events", columns: TRANSFER },
  { peer: "collateral_withdrawal", ours: "collateral_withdrawal_events", columns: TRANSFER },
];

export const PEER_TABLES: readonly string[] = TABLES.map(({ peer }) => peer);

/** By the peer's name of each table, a query whose rows are equal on both sides. */
export function comparableQueries(side: "peer" | "ours", schema = "public"): ReadonlyArray<readonly [string, string]> {
  return TABLES.map(({ peer, ours, columns }) => {
    const selected = columns.map(([theirs, own, kind], index) => {
      const value = side === "peer" ? peerValue(theirs, kind) : ourValue(own, kind);
      return `${value} as c${index}`;
    });
    const source = side === "peer" ? `"${schema}"."${peer}"` : ours;
    return [peer, `select ${selected.join(", ")} from ${source}`];
  });
}

/** Peers keep bytes as text, "0x…". */
function peerValue(column: string, kind: PeerTable["columns"][number][2]): string {
  if (kind === "bytes") return `lower(substr("${column}", 3))`;
  return kind === "number" ? `"${column}"::numeric` : `"${column}"`;
}

function ourValue(column: string, kind: PeerTable["columns"][number][2]): string {
  if (kind === "bytes") return `encode(${column}, 'hex')`;
  return kind === "number" ? `(${column})::numeric` : column;
}
