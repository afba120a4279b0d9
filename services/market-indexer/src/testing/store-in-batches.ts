// Synthetic blocks, stored in batches of any sizes, and the statuses that come of it.
import { queryRows, type Pool } from "@tidegate/postgres";
import type { StoredBlock } from "../store/progress.ts";
import { createBatchStore } from "../store/store-batch.ts";
import type { OffchainRequest } from "../types.ts";
import type { NaiveStatus } from "./naive-statuses.ts";
import { batchOf, type SyntheticBlock } from "./synthetic-chain.ts";

/** Stores the blocks in batches of the given numbers of blocks. */
export async function storeInBatches(
  pool: Pool,
  blocks: readonly SyntheticBlock[],
  sizes: () => number,
  orders?: readonly OffchainRequest[],
): Promise<void> {
  const store = createBatchStore({ pool });
  let previous: StoredBlock | undefined;
  for (let at = 0; at < blocks.length;) {
    const batch = blocks.slice(at, at + sizes());
    previous = await store(batchOf(batch, previous, orders));
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
