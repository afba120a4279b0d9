// One batch, one transaction: all of its rows, the statuses that follow from them, and the progress; or nothing of it.
import { copyTables, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import { InconsistentAnswers } from "../errors.ts";
import { settleLateEvents } from "../status/settle-late-events.ts";
import { storeStatuses } from "../status/store-statuses.ts";
import { TOLD_STAGES } from "../status/told-facts.ts";
import type { BlockHeader, DeadLetter, FetchedBatch, MarketEvent, OffchainRequest, StoredRange } from "../types.ts";
import { attributeSlashes } from "./attribute-slashes.ts";
import { cover, coverNext } from "./coverage.ts";
import { storeDeadLetters } from "./dead-letters.ts";
import { deleteBlocks } from "./delete-blocks.ts";
import { encodeBatch, type EncodedBatch } from "./encode-batch.ts";
import { rememberFirstBlock } from "./market-identity.ts";
import { mergeRequests, REQUEST_STAGE, type Merged } from "./merge-requests.ts";
import { moveOrderStream } from "./order-stream-state.ts";
import { PLAN_BY_INDEX } from "./plan-by-index.ts";
import { claimLastBlock, HOLD_LAST_BLOCK, moveLastBlock, type StoredBlock } from "./progress.ts";
import { createRowEncoders, type RowEncoders } from "./row-encoders.ts";
import { settleBoth } from "./settle-both.ts";
import { offchainRequest } from "./seen-request.ts";
import { moveWindow } from "./unfinalized-blocks.ts";

export interface BatchToStore {
  readonly fetched: StoredRange;
  /** Of the batch's logs that are events. */
  readonly rows: EncodedBatch;
  /** The other logs. */
  readonly deadLetters: readonly DeadLetter[];
  /** Requests of the order stream in the time of the batch; undefined when there is no stream. */
  readonly offchain: readonly OffchainRequest[] | undefined;
  /** What is stored last; undefined when the tables are empty. */
  readonly previous: StoredBlock | undefined;
}

export interface BatchStore {
  /** Writes the rows of a batch as COPY wants them, also while another batch is being stored; `events` in chain order. */
  readonly encode: (fetched: FetchedBatch, events: readonly MarketEvent[]) => Promise<EncodedBatch>;
  /** Stores the next batch and returns its last block; throws IndexerSuperseded when another process has stored one meanwhile. */
  readonly append: (batch: BatchToStore) => Promise<StoredBlock>;
  /** Stores blocks that lie before `previous` and were missing: whatever there is of them is replaced. */
  readonly fillGap: (batch: BatchToStore & { readonly previous: StoredBlock }) => Promise<void>;
}

const PRELUDE = [REQUEST_STAGE, ...TOLD_STAGES, HOLD_LAST_BLOCK];

/** One batch at a time: a second call before the first has ended throws. A second writer has a store of its own. */
export function createBatchStore(deps: { readonly pool: Pool }): BatchStore {
  // Of the few rows that are written while a batch is stored.
  const own = createRowEncoders();
  const free: RowEncoders[] = [];
  let isStoring = false;
  const alone = async <T>(write: (client: PoolClient) => Promise<T>): Promise<T> => {
    // Two batches in one encoder would mix their rows.
    if (isStoring) throw new Error("A batch is being stored already; await it first");
    isStoring = true;
    try {
      return await withTransaction(deps.pool, write, { settings: PLAN_BY_INDEX, prelude: PRELUDE });
    } finally {
      isStoring = false;
    }
  };
  return {
    encode: async (fetched, events) => {
      const encoders = free.pop() ?? createRowEncoders();
      const encoded = await encodeBatch(encoders, fetched, events);
      const release = (): void => {
        encoders.clear();
        free.push(encoders);
      };
      return { ...encoded, release };
    },
    append: async (batch) => alone(async (client) => append(client, own, batch)),
    fillGap: async (batch) => alone(async (client) => fillGap(client, own, batch)),
  };
}

async function append(client: PoolClient, encoders: RowEncoders, batch: BatchToStore): Promise<StoredBlock> {
  const { fetched, previous } = batch;
  const { range } = fetched;
  const last = lastBlockOf(fetched);
  await claimLastBlock(client, previous);
  const merged = await storeRows(client, encoders, batch, range.to >= fetched.windowFrom ? range.to : undefined);
  await attributeSlashes(client, range);
  await storeStatuses(client, encoders, {
    facts: batch.rows.facts,
    ...merged,
    offchain: batch.offchain?.map((request) => request.digest) ?? [],
    firstBlock: range.from,
    previousTime: previous?.timestamp,
    time: last.timestamp,
  });
  await coverNext(client, fetched, previous);
  if (previous === undefined) await rememberFirstBlock(client, range.from);
  await moveWindow(client, encoders, fetched);
  if (batch.offchain !== undefined) await moveOrderStream(client, last.timestamp);
  await moveLastBlock(client, previous, last);
  return { number: last.number, timestamp: last.timestamp, hash: last.hash };
}

async function fillGap(
  client: PoolClient,
  encoders: RowEncoders,
  batch: BatchToStore & { readonly previous: StoredBlock },
): Promise<void> {
  const { fetched, previous } = batch;
  const { range } = fetched;
  await claimLastBlock(client, previous);
  await deleteBlocks(client, range);
  // Whoever removed the events may have left these; there is no index to find them by.
  await client.query("delete from transactions where block_number between $1 and $2", [range.from, range.to]);
  // What these blocks carried may have to be shown again whenever a later block is undone.
  await storeRows(client, encoders, batch, previous.number);
  await settleLateEvents(client, { facts: batch.rows.facts, range, time: previous.timestamp });
  await cover(client, fetched);
}

async function storeRows(
  client: PoolClient,
  encoders: RowEncoders,
  batch: BatchToStore,
  undoableTo: bigint | undefined,
): Promise<Merged> {
  const { rows, offchain = [] } = batch;
  const copying = copyTables({ client, targets: rows.targets }).finally(rows.release);
  // Sorted out while the rows are on their way; what it asks stands behind them.
  const merging = mergeRequests(client, encoders, {
    requests: [...rows.requests, ...offchain.map(offchainRequest)],
    undoableTo,
  });
  const [, merged] = await settleBoth(copying, merging);
  await storeDeadLetters(client, batch.deadLetters);
  return merged;
}

function lastBlockOf({ range, headers }: StoredRange): BlockHeader {
  const header = headers.get(range.to);
  if (header === undefined) throw new InconsistentAnswers({ ...range, reason: "the last block has no header" });
  return header;
}
