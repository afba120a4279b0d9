// The rows of a batch, written as COPY wants them; nothing is asked of the database, so it may be done while that stores the batch before.
import type { CopyTarget } from "@tidegate/postgres";
import type { MarketEventName } from "../decode/abi.ts";
import { inTurns } from "../in-turns.ts";
import type { BlockHeader, FetchedBatch, MarketEvent } from "../types.ts";
import { blocksTable, transactionsTable } from "./chain-tables.ts";
import { createFactsGatherer, type BatchFacts } from "./batch-facts.ts";
import type { CopyTable } from "./copy-table.ts";
import { eventTables } from "./event-tables.ts";
import { carriedRequest, type SeenRequest } from "./seen-request.ts";
import type { RowEncoders } from "./row-encoders.ts";

export interface EncodedBatch {
  /** Of blocks, transactions and events; not of requests, which may be there already. */
  readonly targets: readonly CopyTarget[];
  /** In the order of their events; one may come more than once. */
  readonly requests: readonly SeenRequest[];
  readonly facts: BatchFacts;
  /** To be called when the targets are sent, or will not be: their memory is used for another batch. */
  readonly release: () => void;
}

/** The encoders are the batch's until it is released. */
export async function encodeBatch(
  encoders: RowEncoders,
  fetched: FetchedBatch,
  events: readonly MarketEvent[],
): Promise<Omit<EncodedBatch, "release">> {
  for (const header of blocksToStore(fetched)) encoders.write(blocksTable, header);
  await inTurns([...fetched.transactions], ([hash, origin]) => {
    const header = fetched.headers.get(origin.blockNumber);
    // checkBatch has seen that each transaction is in a block whose header is here.
    if (header === undefined) throw new Error(`The header of block ${origin.blockNumber} is missing`);
    encoders.write(transactionsTable, { hash, origin, blockTimestamp: header.timestamp });
  });
  const carried = await encodeEvents(encoders, events);
  return { targets: encoders.targets(), ...carried };
}

/** Gives the requests that they carry, and what they say of requests. */
export async function encodeEvents(
  encoders: RowEncoders,
  events: readonly MarketEvent[],
): Promise<Pick<EncodedBatch, "requests" | "facts">> {
  const requests: SeenRequest[] = [];
  const facts = createFactsGatherer();
  await inTurns(events, (event) => {
    for (const table of tablesOf(event.name)) encoders.write(table, event);
    const request = carriedRequest(event);
    if (request !== undefined) requests.push(request);
    facts.add(event);
  });
  return { requests, facts };
}

/** Table and events are of one name, which the compiler cannot follow through the lookup. */
const tablesOf = (name: MarketEventName): readonly CopyTable<MarketEvent>[] =>
  eventTables[name] as readonly CopyTable<MarketEvent>[];

/** Blocks with an event, and the last one. */
function blocksToStore({ range, headers, logs }: FetchedBatch): BlockHeader[] {
  const numbers = new Set(logs.map((log) => log.blockNumber)).add(range.to);
  return [...headers.values()].filter((header) => numbers.has(header.number));
}
