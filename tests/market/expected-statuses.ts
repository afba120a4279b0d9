// What each request's status must be, read off the ledger's rows and the time of the last stored block, by the rules in words:
// services/market-indexer/README.md, "Statuses". Plain loops over arrays; shares nothing with the SQL.
import type { ExpectedRows } from "@tidegate/market-example";

export interface ExpectedStatus {
  readonly request_digest: string;
  readonly request_status: "submitted" | "locked" | "fulfilled" | "expired";
  readonly slashed_status: "N/A" | "Pending" | "Slashed";
  readonly created_at: number;
  readonly locked_at: number | null;
  readonly fulfilled_at: number | null;
  readonly slashed_at: number | null;
  readonly lock_prover_address: string | null;
  readonly fulfill_prover_address: string | null;
}

/** `now` is the last stored block's time; every comparison with a deadline is strict. */
export function expectedStatuses(rows: ExpectedRows, now: number): ExpectedStatus[] {
  return rows.proof_requests.map((request) => {
    const isOfRequest = (row: { readonly request_digest: string }): boolean =>
      row.request_digest === request.request_digest;
    const lock = rows.request_locked_events.find(isOfRequest);
    const fulfilled = rows.request_fulfilled_events.find(isOfRequest);
    const slashed = rows.prover_slashed_events.find((row) => row.request_id === request.request_id);
    const delivered = rows.proof_delivered_events.find(
      (row) => isOfRequest(row) && row.prover_address === lock?.prover_address,
    );
    const lockEnd = Number(request.lock_end);
    const isExpired = now > Number(request.expires_at) || (now > lockEnd && lock === undefined);
    const isLate =
      lock !== undefined && now > lockEnd && (delivered === undefined || delivered.block_timestamp > lockEnd);
    return {
      request_digest: request.request_digest,
      request_status:
        fulfilled !== undefined ? "fulfilled" : isExpired ? "expired" : lock !== undefined ? "locked" : "submitted",
      slashed_status: slashed !== undefined ? "Slashed" : isLate ? "Pending" : "N/A",
      created_at: request.submission_timestamp,
      locked_at: lock?.block_timestamp ?? null,
      fulfilled_at: fulfilled?.block_timestamp ?? null,
      slashed_at: slashed?.block_timestamp ?? null,
      lock_prover_address: lock?.prover_address ?? null,
      fulfill_prover_address: fulfilled?.prover_address ?? null,
    };
  });
}
