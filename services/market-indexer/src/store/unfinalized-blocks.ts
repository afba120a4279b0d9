// The hashes of the blocks that may still be undone.
import { queryRows, type PoolClient, type Queryable } from "@tidegate/postgres";
import type { KeptBlock, StoredRange } from "../types.ts";
import type { CopyTable } from "./copy-table.ts";
import { copyWritten, type RowEncoders } from "./row-encoders.ts";

const unfinalizedBlocks: CopyTable<KeptBlock> = {
  name: "unfinalized_blocks",
  columns: ["block_number", "block_hash", "parent_hash", "block_timestamp"],
  write: (to, header) => {
    to.int8(header.number);
    to.byteaHex(header.hash);
    to.byteaHex(header.parentHash);
    to.int8(header.timestamp);
  },
};

/** What is kept for blocks before the window will not be shown again. */
const FORGET = `
  with forgotten as (delete from shadowed_sightings where kept_for < $2)
  delete from unfinalized_blocks where block_number < $1`;

/** Those of the batch from `windowFrom` on, and its last one; what is older than that is forgotten, with what undoing it would have shown again. */
export async function moveWindow(client: PoolClient, encoders: RowEncoders, batch: StoredRange): Promise<void> {
  const { windowFrom, range } = batch;
  const kept = windowFrom < range.to ? windowFrom : range.to;
  await client.query(FORGET, [kept, windowFrom]);
  const headers = [...batch.headers.values()].filter(({ number }) => number >= kept && number <= range.to);
  await copyWritten(client, encoders, () => {
    for (const header of headers) encoders.write(unfinalizedBlocks, header);
  });
}

/** Keeps the block that others are undone to, and forgets those after it. */
export async function cutWindow(client: PoolClient, fork: KeptBlock): Promise<void> {
  await client.query("delete from unfinalized_blocks where block_number > $1", [fork.number]);
  await client.query(
    `insert into unfinalized_blocks (block_number, block_hash, parent_hash, block_timestamp)
     values ($1, decode(substr($2, 3), 'hex'), decode(substr($3, 3), 'hex'), $4) on conflict do nothing`,
    [fork.number, fork.hash, fork.parentHash, fork.timestamp],
  );
}

/** By number. */
export async function readWindow(source: Queryable): Promise<readonly KeptBlock[]> {
  return queryRows<KeptBlock>(
    source,
    `select block_number as number, '0x' || encode(block_hash, 'hex') as hash,
       '0x' || encode(parent_hash, 'hex') as "parentHash", block_timestamp as timestamp
     from unfinalized_blocks order by 1`,
  );
}
