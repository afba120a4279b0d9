// Whom a slash hit: the event does not say, the latest lock of the request before it does.
import type { PoolClient } from "@tidegate/postgres";
import type { BlockRange } from "../types.ts";

/** "+ 0": the index of the order would be read back to the lock, however far that is; the request's own locks are few. */
const PROVER = `
  select locked.prover_address from request_locked_events locked
  where locked.request_id = slashed.request_id
    and (locked.block_number, locked.log_index) < (slashed.block_number, slashed.log_index)
  order by locked.block_number + 0 desc, locked.log_index desc
  limit 1`;

/** Fills `prover_address` of the slashes in the range; it stays null where no earlier lock is stored. */
export async function attributeSlashes(client: PoolClient, range: BlockRange): Promise<void> {
  await client.query(
    `update prover_slashed_events slashed set prover_address = (${PROVER}) where slashed.block_number between $1 and $2`,
    [range.from, range.to],
  );
}

/** The same for slashes after a range that was stored later than they: a lock in it may be theirs. */
export async function attributeLaterSlashes(client: PoolClient, range: BlockRange): Promise<void> {
  await client.query(
    `update prover_slashed_events slashed set prover_address = (${PROVER})
     where slashed.block_number > $2
       and slashed.request_id in (select request_id from request_locked_events where block_number between $1 and $2)`,
    [range.from, range.to],
  );
}
