// All that is stored of a stretch of blocks, but for what is derived from it.
import type { PoolClient } from "@tidegate/postgres";
import type { BlockRange } from "../types.ts";
import { EVENT_TABLE_NAMES } from "./event-tables.ts";

/** The other tables whose rows belong to a block. */
const BLOCK_TABLES = ["proofs", "dead_letters", "blocks"] as const;

/** Deletes the range's rows, and returns how many events there were. */
export async function deleteBlocks(client: PoolClient, { from, to }: BlockRange): Promise<number> {
  // By their blocks' events: transactions have no index by block.
  const hashes = EVENT_TABLE_NAMES.map((table) => `select tx_hash from ${table} where block_number between $1 and $2`);
  hashes.push("select tx_hash from dead_letters where block_number between $1 and $2");
  await client.query(`delete from transactions where tx_hash in (${hashes.join(" union ")})`, [from, to]);
  let events = 0;
  for (const table of EVENT_TABLE_NAMES) events += await deleteFrom(client, table, from, to);
  for (const table of BLOCK_TABLES) await deleteFrom(client, table, from, to);
  return events;
}

async function deleteFrom(client: PoolClient, table: string, from: bigint, to: bigint): Promise<number> {
  const { rowCount } = await client.query(`delete from ${table} where block_number between $1 and $2`, [from, to]);
  return rowCount ?? 0;
}
