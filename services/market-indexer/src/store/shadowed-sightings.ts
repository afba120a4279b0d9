// Sightings of requests that are not shown now, but would be if the blocks that carried the shown ones were undone.
import type { PoolClient } from "@tidegate/postgres";
import { rankOf } from "./sighting-rank.ts";

/** What differs between two sightings of one digest; all else follows from the digest. */
const OWN_COLUMNS = [
  "source",
  "client_signature",
  "submission_timestamp",
  "tx_hash",
  "block_number",
  "log_index",
  "block_timestamp",
] as const;

const COLUMNS = ["request_digest", ...OWN_COLUMNS].join(", ");

const KEEP_LONGER = `
  on conflict (request_digest, source, submission_timestamp, block_number, log_index)
  do update set kept_for = greatest(shadowed_sightings.kept_for, excluded.kept_for)`;

/** Those that a staged sighting is about to replace. */
const KEEP_REPLACED = `
  insert into shadowed_sightings (${COLUMNS}, kept_for)
  select distinct on (request_digest) request_digest, ${OWN_COLUMNS.map((name) => `shown.${name}`).join(", ")}, $1::bigint
  from staged_requests staged join proof_requests shown using (request_digest)
  where ${rankOf("staged")} < ${rankOf("shown")}
  ${KEEP_LONGER}`;

/** Staged ones from before the block of the one that is shown now, and those that no block carried. */
const KEEP_EARLIER = `
  insert into shadowed_sightings (${COLUMNS}, kept_for)
  select distinct on (request_digest, staged.source, staged.submission_timestamp, staged.block_number, staged.log_index)
    request_digest, ${OWN_COLUMNS.map((name) => `staged.${name}`).join(", ")}, $1::bigint
  from staged_requests staged join proof_requests shown using (request_digest)
  where shown.block_number is not null and (staged.block_number is null or staged.block_number < shown.block_number)
  ${KEEP_LONGER}`;

/** To be called before the staged requests are merged; `lastBlock` is the last one whose undoing may show them again. */
export async function keepReplaced(client: PoolClient, lastBlock: bigint): Promise<void> {
  await client.query(KEEP_REPLACED, [lastBlock]);
}

/** To be called after it. */
export async function keepEarlier(client: PoolClient, lastBlock: bigint): Promise<void> {
  await client.query(KEEP_EARLIER, [lastBlock]);
}

const SHOW_AGAIN = `
  update proof_requests shown
  set ${OWN_COLUMNS.map((name) => `${name} = best.${name}`).join(", ")}
  from (
    select distinct on (request_digest) * from shadowed_sightings
    order by request_digest, ${rankOf("shadowed_sightings")}
  ) best
  where shown.request_digest = best.request_digest and shown.block_number > $1
    and shown.request_digest in (select request_digest from undone_digests)`;

/** Requests whose shown sighting was after the fork show the best that stays, or are gone. Needs the table undone_digests. */
export async function showRemaining(client: PoolClient, forkBlock: bigint): Promise<void> {
  await client.query("delete from shadowed_sightings where block_number > $1", [forkBlock]);
  await client.query(SHOW_AGAIN, [forkBlock]);
  await client.query(
    `delete from proof_requests using undone_digests
     where proof_requests.request_digest = undone_digests.request_digest and block_number > $1`,
    [forkBlock],
  );
}
