// How far the order stream was read: to the time of the last stored block.
import type { PoolClient } from "@tidegate/postgres";

export async function moveOrderStream(client: PoolClient, timestamp: bigint): Promise<void> {
  await client.query(
    `insert into order_stream_state (last_processed_timestamp) values ($1)
     on conflict (only_row) do update set last_processed_timestamp = excluded.last_processed_timestamp`,
    [timestamp],
  );
}
