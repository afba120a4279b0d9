// Logs that do not decode, kept as they came.
import { queryRows, type PoolClient, type Queryable } from "@tidegate/postgres";
import { hexToBuffer } from "@tidegate/chain";
import type { DeadLetter } from "../types.ts";

/** Stores them; one that is there already is tried once more, and keeps the reason of the latest try. */
export async function storeDeadLetters(client: PoolClient, letters: readonly DeadLetter[]): Promise<void> {
  for (const { log, blockTimestamp, event, reason } of letters) {
    await client.query(
      `insert into dead_letters (block_number, log_index, block_timestamp, tx_hash, topics, data, event, reason)
       values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (block_number, log_index) do update
       set event = excluded.event, reason = excluded.reason, last_tried_at = now(), tries = dead_letters.tries + 1`,
      [
        log.blockNumber,
        log.logIndex,
        blockTimestamp,
        hexToBuffer(log.transactionHash),
        log.topics.map((topic) => hexToBuffer(topic)),
        log.data,
        event ?? null,
        reason,
      ],
    );
  }
}

export interface StoredDeadLetter {
  readonly blockNumber: bigint;
  readonly logIndex: number;
  /** Unix seconds. */
  readonly blockTimestamp: bigint;
  readonly txHash: Buffer;
  readonly topics: readonly Buffer[];
  readonly data: Buffer;
  readonly event: string | null;
  readonly reason: string;
  readonly firstSeenAt: Date;
  readonly lastTriedAt: Date;
  readonly tries: number;
}

export interface DeadLetterPlace {
  readonly blockNumber: bigint;
  readonly logIndex: number;
}

export interface WhichDeadLetters {
  /** The one there. */
  readonly at?: DeadLetterPlace | undefined;
  /** Those that stand after it on the chain. */
  readonly after?: DeadLetterPlace | undefined;
  readonly limit: number;
}

/** In chain order. */
export async function readDeadLetters(
  source: Queryable,
  { at, after, limit }: WhichDeadLetters,
): Promise<readonly StoredDeadLetter[]> {
  return queryRows<StoredDeadLetter>(
    source,
    `select block_number as "blockNumber", log_index as "logIndex", block_timestamp as "blockTimestamp",
       tx_hash as "txHash", topics, data, event, reason,
       first_seen_at as "firstSeenAt", last_tried_at as "lastTriedAt", tries
     from dead_letters
     where ($1::bigint is null or (block_number = $1 and log_index = $2))
       and ($4::bigint is null or (block_number, log_index) > ($4, $5))
     order by block_number, log_index limit $3`,
    [at?.blockNumber ?? null, at?.logIndex ?? null, limit, after?.blockNumber ?? null, after?.logIndex ?? null],
  );
}

export async function countDeadLetters(source: Queryable): Promise<number> {
  const [row] = await queryRows<{ count: number }>(source, "select count(*)::integer as count from dead_letters");
  return row?.count ?? 0;
}

export async function removeDeadLetter(client: PoolClient, at: DeadLetterPlace): Promise<void> {
  await client.query("delete from dead_letters where block_number = $1 and log_index = $2", [
    at.blockNumber,
    at.logIndex,
  ]);
}
