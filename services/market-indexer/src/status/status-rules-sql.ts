// What a status is, of the facts: locked_at, fulfilled_at, slashed_at, by_locker_at, lock_end, expires_at, now. Rules: README, "Statuses".

/** In the order in which rows are written. */
export const STATUS_COLUMNS = [
  "request_digest",
  "request_id",
  "client_address",
  "source",
  "request_status",
  "slashed_status",
  "created_at",
  "updated_at",
  "locked_at",
  "fulfilled_at",
  "slashed_at",
  "lock_prover_delivered_proof_at",
  "lock_prover_address",
  "fulfill_prover_address",
  "submit_block",
  "lock_block",
  "fulfill_block",
  "slashed_block",
  "submit_tx_hash",
  "lock_tx_hash",
  "fulfill_tx_hash",
  "slash_tx_hash",
  "lock_end",
  "expires_at",
  "lock_price",
  "slash_recipient",
  "slash_transferred_amount",
  "slash_burned_amount",
] as const;

export const REQUEST_STATUS = `
  case
    when fulfilled_at is not null then 'fulfilled'
    when now > expires_at or (now > lock_end and locked_at is null) then 'expired'
    when locked_at is not null then 'locked'
    else 'submitted'
  end`;

export const SLASHED_STATUS = `
  case
    when slashed_at is not null then 'Slashed'
    when locked_at is not null and now > lock_end and (by_locker_at is null or by_locker_at > lock_end) then 'Pending'
    else 'N/A'
  end`;

/**
 * The second after lock_end, when that second changed something: an open request expired (unless it had before), or the locker
 * had not delivered and became liable to be slashed. COALESCE: an event that never came, came after every deadline.
 */
export const LOCK_END_CHANGE = `
  case when now > lock_end and (
    (coalesce(locked_at > lock_end, true) and coalesce(fulfilled_at > lock_end, true) and lock_end <= expires_at)
    or (locked_at <= lock_end and coalesce(by_locker_at > lock_end, true) and coalesce(slashed_at > lock_end, true))
  ) then lock_end + 1 end`;

/** The second after expires_at, when the request was open or locked until then. */
export const EXPIRY_CHANGE = `
  case when now > expires_at and coalesce(fulfilled_at > expires_at, true)
    and not (lock_end < expires_at and coalesce(locked_at > expires_at, true))
  then expires_at + 1 end`;
