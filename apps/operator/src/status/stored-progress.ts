// How far the index is, from the database: true whether the indexer runs or not.
import { queryRows, type Queryable } from "@tidegate/postgres";

export interface StoredProgress {
  readonly chainId: bigint;
  readonly block: bigint;
  /** Unix seconds. */
  readonly blockTimestamp: bigint;
}

/** Undefined until the indexer has stored its first batch, or has not yet made its tables. */
export async function storedProgress(pool: Queryable): Promise<StoredProgress | undefined> {
  const [schema] = await queryRows<{ is_there: boolean }>(
    pool,
    "select to_regclass('last_block') is not null and to_regclass('market_identity') is not null as is_there",
  );
  if (schema?.is_there !== true) return undefined;
  const [row] = await queryRows<{ chain_id: bigint; block: bigint; block_timestamp: bigint }>(
    pool,
    "select chain_id, block, block_timestamp from market_identity, last_block where id = 0",
  );
  return row === undefined
    ? undefined
    : { chainId: row.chain_id, block: row.block, blockTimestamp: row.block_timestamp };
}
