// The statement that carries statuses on: from the row as it is, what a batch tells, and the time that passed. No earlier event is read.
import { EXPIRY_CHANGE, LOCK_END_CHANGE, REQUEST_STATUS, SLASHED_STATUS } from "./status-rules-sql.ts";
import { TOLD_NAMES } from "./told-facts.ts";

/**
 * Those for which time ran out from $1 on, to $2. A deadline x is crossed by (previous, now] when previous <= x < now, because only the second
 * after it counts. A delivery by the locker, or a fulfilment, before the deadline leaves nothing for time to change.
 */
const DUE = `
  select request_digest from request_status
  where lock_end >= $1::numeric and lock_end < $2::numeric and lock_prover_delivered_proof_at is null
  union
  select request_digest from request_status
  where expires_at >= $1::numeric and expires_at < $2::numeric and fulfilled_at is null`;

const NOTHING = TOLD_NAMES.map((name) => (name === "request_digest" ? name : `null as ${name}`)).join(", ");

/**
 * The locker's first delivery. Who locks only now may have delivered before, or in this batch: its deliveries are read.
 */
const BY_LOCKER_AT = `
  coalesce(was.lock_prover_delivered_proof_at, case
    when was.locked_at is not null then case when told.deliverer = was.lock_prover_address then told.delivered_at end
    when told.locked_at is not null then (
      select min(block_timestamp) from proof_delivered_events made
      where made.request_digest = was.request_digest and made.prover_address = told.locker)
  end)`;

const SLASHED = [
  "slashed_at",
  "slashed_block",
  "slash_tx_hash",
  "slash_recipient",
  "slash_transferred_amount",
  "slash_burned_amount",
];

/** The first event of each kind decides, and those of the batch come after all others. */
const FACTS = `
  select was.request_digest, was.lock_end, was.expires_at, $2::bigint as now,
    greatest(was.updated_at, told.last_at, hit.last_at) as last_event_at,
    ${SLASHED.map((name) => `coalesce(was.${name}, hit.${name}) as ${name}`).join(", ")},
    coalesce(was.locked_at, told.locked_at) as locked_at,
    coalesce(was.lock_block, told.lock_block) as lock_block,
    coalesce(was.lock_tx_hash, told.lock_tx_hash) as lock_tx_hash,
    coalesce(was.lock_prover_address, told.locker) as lock_prover_address,
    case when was.locked_at is null then told.lock_price else was.lock_price end as lock_price,
    coalesce(was.fulfilled_at, told.fulfilled_at) as fulfilled_at,
    coalesce(was.fulfill_block, told.fulfill_block) as fulfill_block,
    coalesce(was.fulfill_tx_hash, told.fulfill_tx_hash) as fulfill_tx_hash,
    coalesce(was.fulfill_prover_address, told.fulfiller) as fulfill_prover_address,
    coalesce(was.submit_block, told.submit_block) as submit_block,
    coalesce(was.submit_tx_hash, told.submit_tx_hash) as submit_tx_hash,
    ${BY_LOCKER_AT} as by_locker_at
  from touched told join request_status was using (request_digest)
  left join told_slashes hit on hit.request_id = was.request_id`;

/** As they are in FACTS. */
const CARRIED = [
  "locked_at",
  "lock_block",
  "lock_tx_hash",
  "lock_prover_address",
  "lock_price",
  "fulfilled_at",
  "fulfill_block",
  "fulfill_tx_hash",
  "fulfill_prover_address",
  "submit_block",
  "submit_tx_hash",
  ...SLASHED,
];

/**
 * What an event or a deadline once made of `updated_at` stays: both come in the order of time.
 *
 * Parameters: $1 chain time of the block before the batch (null before the first one), $2 that of its last block. Rows that stay as they are,
 * are not written.
 */
export const CARRY_ON = `
with due as (${DUE}
), touched as (
  select ${TOLD_NAMES.join(", ")} from told_facts
  union all
  select ${NOTHING} from (
    select request_digest from due
    union
    select request_digest from told_slashes hit join request_status using (request_id)
  ) silent where not exists (select from told_facts told where told.request_digest = silent.request_digest)
), facts as materialized (${FACTS}
), carried as (
  select request_digest, ${CARRIED.join(", ")}, by_locker_at as lock_prover_delivered_proof_at,
    ${REQUEST_STATUS} as request_status, ${SLASHED_STATUS} as slashed_status,
    greatest(last_event_at, ${LOCK_END_CHANGE}, ${EXPIRY_CHANGE})::bigint as updated_at
  from facts
)
update request_status set
  ${[...CARRIED, "lock_prover_delivered_proof_at", "request_status", "slashed_status", "updated_at"]
    .map((name) => `${name} = carried.${name}`)
    .join(", ")}
from carried
where request_status.request_digest = carried.request_digest
  and (${rowOf("request_status")}) is distinct from (${rowOf("carried")})`;

/** Whatever changes, changes one of these. */
function rowOf(table: string): string {
  const names = [
    "updated_at",
    "request_status",
    "slashed_status",
    "locked_at",
    "fulfilled_at",
    "slashed_at",
    "submit_block",
  ];
  return [...names, "lock_prover_delivered_proof_at"].map((name) => `${table}.${name}`).join(", ");
}
