// The statement that makes a status what all events of its request say, whatever it was before. Rules: README, "Statuses".
import { unpackedWords } from "../store/packed-words.ts";
import { EXPIRY_CHANGE, LOCK_END_CHANGE, REQUEST_STATUS, SLASHED_STATUS, STATUS_COLUMNS } from "./status-rules-sql.ts";

/** Digests that are given ($1), and those of request ids ($2). */
const GIVEN = `
  select named.word as request_digest from ${unpackedWords("$1")} named
  union
  select request_digest from ${unpackedWords("$2")} slashed join proof_requests on request_id = slashed.word`;

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

/** Parameters: $1 digests, $2 request ids (each as `packWords` packs them), $3 chain time. */
export const REFRESH_STATUSES = refresh(GIVEN, "$3");

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
