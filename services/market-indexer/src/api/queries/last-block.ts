// How far the indexer is.
import { queryRows, type Queryable } from "@tidegate/postgres";

export interface LastBlock {
  readonly block: bigint;
  /** Unix seconds. */
  readonly block_timestamp: bigint;
}

/** The last block whose events are stored; undefined before the first batch. Row 0 is the core loop's. */
export async function lastBlock(pool: Queryable): Promise<LastBlock | undefined> {
  const [row] = await queryRows<LastBlock>(pool, "select block, block_timestamp from last_block where id = 0");
  return row;
}
