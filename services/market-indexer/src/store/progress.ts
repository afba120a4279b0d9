// How far the tables are: `last_block`, read and moved in the transaction that it describes.
import { queryRows, type PoolClient, type Queryable } from "@tidegate/postgres";
import { LAST_BLOCK_ROW } from "../constants.ts";
import { IndexerSuperseded } from "../errors.ts";

export interface StoredBlock {
  readonly number: bigint;
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** "0x…". */
  readonly hash: string;
}

/** The hash of the last block is always kept: the next one must follow on it. */
const READ = `
  select block as number, last_block.block_timestamp as timestamp, '0x' || encode(block_hash, 'hex') as hash
  from last_block join unfinalized_blocks on block_number = block where id = $1`;

/**
 * For the prelude of a transaction: holds the row until that ends, so that nobody moves it meanwhile. What is read after it sees what whoever
 * held it before has committed; one statement that waited and read would join the row as it is now with the hashes as they were.
 */
export const HOLD_LAST_BLOCK = `select from last_block where id = ${LAST_BLOCK_ROW} for update`;

/** The last block whose events are stored; undefined before the first batch. */
export async function readLastBlock(source: Queryable): Promise<StoredBlock | undefined> {
  const [row] = await queryRows<StoredBlock>(source, READ, [LAST_BLOCK_ROW]);
  return row;
}

/** In a transaction that holds it; throws IndexerSuperseded when it is not where this process left it. */
export async function claimLastBlock(client: PoolClient, expected: StoredBlock | undefined): Promise<void> {
  const found = await readLastBlock(client);
  if (found?.number !== expected?.number || found?.hash !== expected?.hash) {
    throw new IndexerSuperseded({ expected: expected?.number, found: found?.number });
  }
}

/** Moves it. Two processes that both begin cannot both insert the row: the second is superseded. */
export async function moveLastBlock(
  client: PoolClient,
  expected: StoredBlock | undefined,
  to: Omit<StoredBlock, "hash">,
): Promise<void> {
  const sql =
    expected === undefined
      ? "insert into last_block (id, block, block_timestamp) values ($1, $2, $3) on conflict (id) do nothing"
      : "update last_block set block = $2, block_timestamp = $3 where id = $1";
  const { rowCount } = await client.query(sql, [LAST_BLOCK_ROW, to.number, to.timestamp]);
  if (rowCount !== 1) throw new IndexerSuperseded({ expected: expected?.number, found: undefined });
}
