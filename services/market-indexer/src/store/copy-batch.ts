// The rows of a batch, into the tables that they belong to.
import type { CopyEncoder, PoolClient } from "@tidegate/postgres";
import { MARKET_EVENT_NAMES, type MarketEventName } from "../decode/abi.ts";
import type { BlockHeader, FetchedBatch, MarketEvent } from "../types.ts";
import { blocksTable, transactionsTable, type TransactionRow } from "./chain-tables.ts";
import { copyTable, type CopyTable } from "./copy-table.ts";
import { eventTables } from "./event-tables.ts";

/** Blocks with an event, and the last one; and their transactions. */
export async function copyChain(client: PoolClient, encoder: CopyEncoder, batch: FetchedBatch): Promise<void> {
  await copyTable(client, encoder, blocksTable, blocksToStore(batch));
  await copyTable(client, encoder, transactionsTable, transactionRows(batch));
}

/** The events, each into the tables of its name. */
export async function copyEvents(
  client: PoolClient,
  encoder: CopyEncoder,
  events: readonly MarketEvent[],
): Promise<void> {
  const byName = Map.groupBy(events, ({ name }) => name);
  for (const name of MARKET_EVENT_NAMES) await copyEventsOf(client, encoder, name, byName.get(name) ?? []);
}

async function copyEventsOf(
  client: PoolClient,
  encoder: CopyEncoder,
  name: MarketEventName,
  events: readonly MarketEvent[],
): Promise<void> {
  if (events.length === 0) return;
  // Table and events are of one name, which the compiler cannot follow through the lookup.
  const tables = eventTables[name] as readonly CopyTable<MarketEvent>[];
  for (const table of tables) await copyTable(client, encoder, table, events);
}

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
