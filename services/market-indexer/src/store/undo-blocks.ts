// A reorganisation: the blocks after the fork are taken back, and all that followed from them, in one transaction.
import { withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import { REFRESH_UNDONE, UNDONE_DIGESTS } from "../status/refresh-statuses-sql.ts";
import type { KeptBlock } from "../types.ts";
import { uncover } from "./coverage.ts";
import { deleteBlocks } from "./delete-blocks.ts";
import { claimLastBlock, HOLD_LAST_BLOCK, moveLastBlock, type StoredBlock } from "./progress.ts";
import { showRemaining } from "./shadowed-sightings.ts";
import { PLAN_BY_INDEX } from "./plan-by-index.ts";
import { cutWindow } from "./unfinalized-blocks.ts";

export interface BlocksToUndo {
  /** The last block that stays. */
  readonly fork: KeptBlock;
  /** The last stored block. */
  readonly previous: StoredBlock;
}

/**
 * Makes the tables what they were when `fork` was the last block, and writes the reorganisation down; returns how many events were
 * taken back. Throws IndexerSuperseded when another process has stored something meanwhile.
 */
export async function undoBlocks(pool: Pool, { fork, previous }: BlocksToUndo): Promise<number> {
  return withTransaction(
    pool,
    async (client) => {
      await claimLastBlock(client, previous);
      await client.query(
        "create temporary table if not exists undone_digests (request_digest bytea primary key) on commit delete rows",
      );
      await client.query(`insert into undone_digests ${UNDONE_DIGESTS}`, [
        fork.number,
        fork.timestamp,
        previous.timestamp,
      ]);
      const events = await deleteBlocks(client, { from: fork.number + 1n, to: previous.number });
      await showRemaining(client, fork.number);
      await refreshUndone(client, fork);
      await uncover(client, fork);
      await cutWindow(client, fork);
      await client.query("update order_stream_state set last_processed_timestamp = $1", [fork.timestamp]);
      await moveLastBlock(client, previous, fork);
      await client.query(
        `insert into reorgs (fork_block, fork_hash, undone_to_block, undone_hash, undone_events)
       values ($1, decode(substr($2, 3), 'hex'), $3, decode(substr($4, 3), 'hex'), $5)`,
        [fork.number, fork.hash, previous.number, previous.hash, events],
      );
      return events;
    },
    { settings: PLAN_BY_INDEX, prelude: [HOLD_LAST_BLOCK] },
  );
}

/** The status of a request that is gone is gone; the others are recomputed. */
async function refreshUndone(client: PoolClient, fork: KeptBlock): Promise<void> {
  await client.query(
    `delete from request_status using undone_digests
     where request_status.request_digest = undone_digests.request_digest
       and not exists (select from proof_requests asked where asked.request_digest = undone_digests.request_digest)`,
  );
  await client.query(REFRESH_UNDONE, [fork.timestamp]);
  // A fulfilment or a delivery that stays may name a request that only the undone blocks showed.
  await client.query(
    `insert into unshown_digests select request_digest from undone_digests undone
     where not exists (select from proof_requests asked where asked.request_digest = undone.request_digest)
     on conflict do nothing`,
  );
}
