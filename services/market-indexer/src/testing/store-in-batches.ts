// Synthetic blocks, stored in batches of any sizes, and the statuses that come of it.
import { queryRows, type Pool } from "@tidegate/postgres";
import type { StoredBlock } from "../store/progress.ts";
import { createBatchStore } from "../store/store-batch.ts";
import type { OffchainRequest } from "../types.ts";
import type { NaiveStatus } from "./naive-statuses.ts";
import { appendTo, batchOf, type SyntheticBlock } from "./synthetic-chain.ts";

/** Stores the blocks in batches of the given numbers of blocks, into empty tables or after a stored block. */
export async function storeInBatches(
  pool: Pool,
  blocks: readonly SyntheticBlock[],
  sizes: () => number,
  orders?: readonly OffchainRequest[],
  after?: StoredBlock,
): Promise<void> {
  const store = createBatchStore({ pool });
  const windowFrom = blocks[0]?.number ?? 0n;
  let previous = after;
  for (let at = 0; at < blocks.length;) {
    const batch = blocks.slice(at, at + sizes());
    const next = batchOf(batch, previous, orders);
    // All of them may be undone.
    previous = await appendTo(store, { ...next, fetched: { ...next.fetched, windowFrom } });
    at += batch.length;
  }
}

const COLUMNS = `
  encode(request_digest, 'hex') as request_digest, source, request_status, slashed_status,
  created_at::text, updated_at::text, locked_at::text, fulfilled_at::text, slashed_at::text,
  lock_prover_delivered_proof_at::text, encode(lock_prover_address, 'hex') as lock_prover_address,
  encode(fulfill_prover_address, 'hex') as fulfill_prover_address,
  submit_block::text, lock_block::text, fulfill_block::text, slashed_block::text, lock_price::text,
  encode(slash_recipient, 'hex') as slash_recipient`;

/** By digest; all that `naiveStatuses` says. */
export async function readStatuses(pool: Pool): Promise<NaiveStatus[]> {
  return queryRows<NaiveStatus>(pool, `select ${COLUMNS} from request_status order by request_digest`);
}
