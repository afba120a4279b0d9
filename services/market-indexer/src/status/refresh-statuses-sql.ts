// The one statement that makes request_status what the events say. Rules: README, "Statuses".
import { unpackedWords } from "../store/packed-words.ts";

/** In the order of the SELECT below. */
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

/**
 * Digests whose status may differ from what is stored: those given ($1), those of the slashed request ids ($2) but for some ($3), and those
 * for which time ran out from $4 on, to $5. A deadline x is crossed by (previous, now] when previous <= x < now, because only the second after it
 * counts. A delivery by the locker, or a fulfilment, before the deadline leaves nothing for time to change.
 */
const TOUCHED_BY_BATCH = `
  select named.word as request_digest from ${unpackedWords("$1")} named
  union
  select request_digest from ${unpackedWords("$2")} slashed join proof_requests on request_id = slashed.word
  where not exists (select from ${unpackedWords("$3")} spared where spared.word = request_digest)
  union
  select request_digest from request_status
  where lock_end >= $4::numeric and lock_end < $5::numeric and lock_prover_delivered_proof_at is null
  union
  select request_digest from request_status
  where expires_at >= $4::numeric and expires_at < $5::numeric and fulfilled_at is null`;

/** The first event of each kind decides; `last_at` is the time of the last one. */
const factsAt = (now: string): string => `
  select asked.*, ${now}::bigint as now,
    submitted.block_number as submit_block, submitted.tx_hash as submit_tx_hash,
    locked.block_timestamp as locked_at, locked.block_number as lock_block, locked.tx_hash as lock_tx_hash,
    locked.prover_address as locker,
    fulfilled.block_timestamp as fulfilled_at, fulfilled.block_number as fulfill_block, fulfilled.tx_hash as fulfill_tx_hash,
    fulfilled.prover_address as fulfiller,
    slashed.block_timestamp as slashed_at, slashed.block_number as slashed_block, slashed.tx_hash as slash_tx_hash,
    slashed.collateral_recipient, slashed.transfer_value, slashed.burn_value,
    delivered.by_locker_at,
    greatest(asked.submission_timestamp, submitted.last_at, locked.last_at, fulfilled.last_at, delivered.last_at, slashed.last_at)
      as last_event_at
  from touched
  join proof_requests asked using (request_digest)
  left join lateral (
    select *, max(block_timestamp) over () as last_at from request_submitted_events
    where request_digest = asked.request_digest order by block_number, log_index limit 1
  ) submitted on true
  left join lateral (
    select *, max(block_timestamp) over () as last_at from request_locked_events
    where request_digest = asked.request_digest order by block_number, log_index limit 1
  ) locked on true
  left join lateral (
    select *, max(block_timestamp) over () as last_at from request_fulfilled_events
    where request_digest = asked.request_digest order by block_number, log_index limit 1
  ) fulfilled on true
  left join lateral (
    select *, max(block_timestamp) over () as last_at from prover_slashed_events
    where request_id = asked.request_id order by block_number, log_index limit 1
  ) slashed on true
  left join lateral (
    select min(block_timestamp) filter (where prover_address = locked.prover_address) as by_locker_at,
           max(block_timestamp) as last_at
    from proof_delivered_events where request_digest = asked.request_digest
  ) delivered on true`;

const REQUEST_STATUS = `
  case
    when fulfilled_at is not null then 'fulfilled'
    when now > expires_at or (now > lock_end and locked_at is null) then 'expired'
    when locked_at is not null then 'locked'
    else 'submitted'
  end`;

const SLASHED_STATUS = `
  case
    when slashed_at is not null then 'Slashed'
    when locked_at is not null and now > lock_end and (by_locker_at is null or by_locker_at > lock_end) then 'Pending'
    else 'N/A'
  end`;

/** The offer's price at the lock; div() is exact. Never 0 / 0: a ramp of no length is over before it is asked for. */
const LOCK_PRICE = `
  case
    when locked_at is null then null
    when locked_at <= ramp_up_start then min_price
    when locked_at > lock_end then 0
    when locked_at <= ramp_up_start + ramp_up_period
      then min_price + div((locked_at - ramp_up_start) * (max_price - min_price), ramp_up_period)
    else max_price
  end`;

/**
 * The second after lock_end, when that second changed something: an open request expired (unless it had before), or the locker
 * had not delivered and became liable to be slashed. COALESCE: an event that never came, came after every deadline.
 */
const LOCK_END_CHANGE = `
  case when now > lock_end and (
    (coalesce(locked_at > lock_end, true) and coalesce(fulfilled_at > lock_end, true) and lock_end <= expires_at)
    or (locked_at <= lock_end and coalesce(by_locker_at > lock_end, true) and coalesce(slashed_at > lock_end, true))
  ) then lock_end + 1 end`;

/** The second after expires_at, when the request was open or locked until then. */
const EXPIRY_CHANGE = `
  case when now > expires_at and coalesce(fulfilled_at > expires_at, true)
    and not (lock_end < expires_at and coalesce(locked_at > expires_at, true))
  then expires_at + 1 end`;

/** Makes the statuses of the touched requests what the events say at chain time `now`. Rows that stay as they are, are not written. */
const refresh = (touched: string, now: string): string => `
with touched as (${touched}
), facts as (${factsAt(now)}
)
insert into request_status (${STATUS_COLUMNS.join(", ")})
select
  request_digest, request_id, client_address, source,
  ${REQUEST_STATUS},
  ${SLASHED_STATUS},
  submission_timestamp,
  greatest(last_event_at, ${LOCK_END_CHANGE}, ${EXPIRY_CHANGE})::bigint,
  locked_at, fulfilled_at, slashed_at, by_locker_at, locker, fulfiller,
  submit_block, lock_block, fulfill_block, slashed_block,
  submit_tx_hash, lock_tx_hash, fulfill_tx_hash, slash_tx_hash,
  lock_end, expires_at,
  ${LOCK_PRICE},
  collateral_recipient, transfer_value, burn_value
from facts
on conflict (request_digest) do update set
  ${STATUS_COLUMNS.map((name) => `${name} = excluded.${name}`).join(", ")}
where (request_status.*) is distinct from (excluded.*)`;

/**
 * Parameters: $1 digests, $2 request ids that were slashed, $3 digests of theirs (each as `packWords` packs them) that are left alone, $4 chain time of the block before the batch
 * (null before the first one), $5 that of its last block.
 */
export const REFRESH_STATUSES = refresh(TOUCHED_BY_BATCH, "$5");

/** Of the digests in undone_digests; $1 chain time of the last block that stays. */
export const REFRESH_UNDONE = refresh("select request_digest from undone_digests", "$1");

/**
 * Those whose status the blocks after $1 decided, or the time from $2, that of the block that stays, to $3, that of the last
 * stored one.
 */
export const UNDONE_DIGESTS = `
  select request_digest from request_submitted_events where block_number > $1
  union
  select request_digest from request_locked_events where block_number > $1
  union
  select request_digest from request_fulfilled_events where block_number > $1
  union
  select request_digest from proof_delivered_events where block_number > $1
  union
  select asked.request_digest
  from prover_slashed_events slashed join proof_requests asked using (request_id)
  where slashed.block_number > $1
  union
  select request_digest from request_status
  where lock_end >= $2::numeric and lock_end < $3::numeric and lock_prover_delivered_proof_at is null
  union
  select request_digest from request_status
  where expires_at >= $2::numeric and expires_at < $3::numeric and fulfilled_at is null`;
