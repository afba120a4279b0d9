// One batch, one transaction: all of its rows, the statuses that follow from them, and the progress; or nothing of it.
import { createCopyEncoder, withTransaction, type CopyEncoder, type Pool, type PoolClient } from "@tidegate/postgres";
import { MARKET_EVENT_NAMES, type MarketEventName } from "../decode/abi.ts";
import { InconsistentAnswers } from "../errors.ts";
import { refreshStatuses } from "../status/refresh-statuses.ts";
import type { BlockHeader, FetchedBatch, MarketEvent, OffchainRequest } from "../types.ts";
import { attributeSlashes } from "./attribute-slashes.ts";
import { blocksTable, transactionsTable, type TransactionRow } from "./chain-tables.ts";
import { copyTable, type CopyTable } from "./copy-table.ts";
import { eventTables } from "./event-tables.ts";
import { mergeRequests } from "./merge-requests.ts";
import { claimLastBlock, moveLastBlock, type StoredBlock } from "./progress.ts";

export interface BatchToStore {
  readonly fetched: FetchedBatch;
  /** Of `fetched.logs`, in chain order. */
  readonly events: readonly MarketEvent[];
  /** Requests of the order stream in the time of the batch; undefined when there is no stream. */
  readonly offchain: readonly OffchainRequest[] | undefined;
  /** What this process stored last; undefined when the tables are empty. */
  readonly previous: StoredBlock | undefined;
}

/** Stores a batch and returns its last block; throws IndexerSuperseded when another process has stored one meanwhile. */
export type StoreBatch = (batch: BatchToStore) => Promise<StoredBlock>;

/** One batch at a time: a second call before the first has ended throws. A second writer has a store of its own. */
export function createBatchStore(deps: { readonly pool: Pool }): StoreBatch {
  // One encoder: tables are copied one after the other, so its buffers are as large as the largest of them, once.
  const encoder = createCopyEncoder();
  let isStoring = false;
  return async (batch) => {
    // Two batches in one encoder would mix their rows.
    if (isStoring) throw new Error("A batch is being stored already; await it first");
    isStoring = true;
    try {
      return await withTransaction(deps.pool, (client) => storeInTransaction(client, encoder, batch));
    } finally {
      isStoring = false;
    }
  };
}

async function storeInTransaction(client: PoolClient, encoder: CopyEncoder, batch: BatchToStore): Promise<StoredBlock> {
  const { fetched, events, previous } = batch;
  const { range } = fetched;
  const last = lastBlockOf(fetched);
  const offchain = batch.offchain ?? [];
  await claimLastBlock(client, previous);
  await copyTable(client, encoder, blocksTable, blocksToStore(fetched));
  await copyTable(client, encoder, transactionsTable, transactionRows(fetched));
  for (const name of MARKET_EVENT_NAMES) await copyEvents(client, encoder, name, events);
  await mergeRequests(client, encoder, { events, offchain });
  await attributeSlashes(client, range);
  await refreshStatuses(client, {
    range,
    previousTime: previous?.timestamp,
    time: last.timestamp,
    digests: offchain.map((request) => request.digest),
  });
  if (batch.offchain !== undefined) await moveOrderStream(client, last.timestamp);
  await moveLastBlock(client, previous, last);
  return last;
}

async function copyEvents(
  client: PoolClient,
  encoder: CopyEncoder,
  name: MarketEventName,
  events: readonly MarketEvent[],
): Promise<void> {
  const those = events.filter((event) => event.name === name);
  // Table and events are of one name, which the compiler cannot follow through the lookup.
  const tables = eventTables[name] as readonly CopyTable<MarketEvent>[];
  for (const table of tables) await copyTable(client, encoder, table, those);
}

function lastBlockOf({ range, headers }: FetchedBatch): StoredBlock {
  const header = headers.get(range.to);
  if (header === undefined) throw new InconsistentAnswers({ ...range, reason: "the last block has no header" });
  return { number: range.to, timestamp: header.timestamp };
}

/** Blocks with an event, and the last one: the first may have been fetched for its time alone. */
function blocksToStore({ range, headers, logs }: FetchedBatch): BlockHeader[] {
  const numbers = new Set(logs.map((log) => log.blockNumber)).add(range.to);
  return [...headers.values()].filter((header) => numbers.has(header.number));
}

function transactionRows({ transactions, headers }: FetchedBatch): TransactionRow[] {
  return [...transactions].map(([hash, origin]) => ({
    hash,
    origin,
    // checkBatch has seen that each transaction is in a block whose header is here.
    blockTimestamp: headers.get(origin.blockNumber)?.timestamp ?? 0n,
  }));
}

async function moveOrderStream(client: PoolClient, timestamp: bigint): Promise<void> {
  await client.query(
    `insert into order_stream_state (last_processed_timestamp) values ($1)
     on conflict (only_row) do update set last_processed_timestamp = excluded.last_processed_timestamp`,
    [timestamp],
  );
}
