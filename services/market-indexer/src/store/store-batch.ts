// One batch, one transaction: all of its rows, the statuses that follow from them, and the progress; or nothing of it.
import { createCopyEncoder, withTransaction, type CopyEncoder, type Pool, type PoolClient } from "@tidegate/postgres";
import { InconsistentAnswers } from "../errors.ts";
import { refreshStatuses } from "../status/refresh-statuses.ts";
import type { BlockHeader, DeadLetter, FetchedBatch, MarketEvent, OffchainRequest } from "../types.ts";
import { attributeLaterSlashes, attributeSlashes } from "./attribute-slashes.ts";
import { copyChain, copyEvents } from "./copy-batch.ts";
import { cover } from "./coverage.ts";
import { storeDeadLetters } from "./dead-letters.ts";
import { deleteBlocks } from "./delete-blocks.ts";
import { mergeRequests } from "./merge-requests.ts";
import { moveOrderStream } from "./order-stream-state.ts";
import { claimLastBlock, moveLastBlock, type StoredBlock } from "./progress.ts";
import { forgetShadowed } from "./shadowed-sightings.ts";
import { moveWindow } from "./unfinalized-blocks.ts";

export interface BatchToStore {
  readonly fetched: FetchedBatch;
  /** Of `fetched.logs`, in chain order. */
  readonly events: readonly MarketEvent[];
  /** The others of `fetched.logs`. */
  readonly deadLetters: readonly DeadLetter[];
  /** Requests of the order stream in the time of the batch; undefined when there is no stream. */
  readonly offchain: readonly OffchainRequest[] | undefined;
  /** What is stored last; undefined when the tables are empty. */
  readonly previous: StoredBlock | undefined;
}

export interface BatchStore {
  /** Stores the next batch and returns its last block; throws IndexerSuperseded when another process has stored one meanwhile. */
  readonly append: (batch: BatchToStore) => Promise<StoredBlock>;
  /** Stores blocks that lie before `previous` and were missing: whatever there is of them is replaced. */
  readonly fillGap: (batch: BatchToStore & { readonly previous: StoredBlock }) => Promise<void>;
}

/** One batch at a time: a second call before the first has ended throws. A second writer has a store of its own. */
export function createBatchStore(deps: { readonly pool: Pool }): BatchStore {
  // One encoder: tables are copied one after the other, so its buffers are as large as the largest of them, once.
  const encoder = createCopyEncoder();
  let isStoring = false;
  const alone = async <T>(write: (client: PoolClient) => Promise<T>): Promise<T> => {
    // Two batches in one encoder would mix their rows.
    if (isStoring) throw new Error("A batch is being stored already; await it first");
    isStoring = true;
    try {
      return await withTransaction(deps.pool, write);
    } finally {
      isStoring = false;
    }
  };
  return {
    append: async (batch) => alone(async (client) => append(client, encoder, batch)),
    fillGap: async (batch) => alone(async (client) => fillGap(client, encoder, batch)),
  };
}

async function append(client: PoolClient, encoder: CopyEncoder, batch: BatchToStore): Promise<StoredBlock> {
  const { fetched, previous } = batch;
  const { range } = fetched;
  const last = lastBlockOf(fetched);
  await claimLastBlock(client, previous);
  await storeRows(client, encoder, batch, range.to >= fetched.windowFrom ? range.to : undefined);
  await attributeSlashes(client, range);
  await refreshStatuses(client, {
    range,
    previousTime: previous?.timestamp,
    time: last.timestamp,
    digests: batch.offchain?.map((request) => request.digest) ?? [],
  });
  await cover(client, fetched);
  await moveWindow(client, encoder, fetched);
  await forgetShadowed(client, fetched.windowFrom);
  if (batch.offchain !== undefined) await moveOrderStream(client, last.timestamp);
  await moveLastBlock(client, previous, last);
  return { number: last.number, timestamp: last.timestamp, hash: last.hash };
}

async function fillGap(
  client: PoolClient,
  encoder: CopyEncoder,
  batch: BatchToStore & { readonly previous: StoredBlock },
): Promise<void> {
  const { fetched, previous } = batch;
  const { range } = fetched;
  await claimLastBlock(client, previous);
  await deleteBlocks(client, range);
  // Whoever removed the events may have left these; there is no index to find them by.
  await client.query("delete from transactions where block_number between $1 and $2", [range.from, range.to]);
  // What these blocks carried may have to be shown again whenever a later block is undone.
  await storeRows(client, encoder, batch, previous.number);
  await attributeSlashes(client, range);
  await attributeLaterSlashes(client, range);
  // No time passes: what ran out until the last block has been seen.
  const time = previous.timestamp;
  await refreshStatuses(client, { range, previousTime: time, time, digests: [] });
  await cover(client, fetched);
}

async function storeRows(
  client: PoolClient,
  encoder: CopyEncoder,
  batch: BatchToStore,
  undoableTo: bigint | undefined,
): Promise<void> {
  const { fetched, events } = batch;
  await copyChain(client, encoder, fetched);
  await copyEvents(client, encoder, events);
  await storeDeadLetters(client, batch.deadLetters);
  await mergeRequests(client, encoder, { events, offchain: batch.offchain ?? [], undoableTo });
}

function lastBlockOf({ range, headers }: FetchedBatch): BlockHeader {
  const header = headers.get(range.to);
  if (header === undefined) throw new InconsistentAnswers({ ...range, reason: "the last block has no header" });
  return header;
}
