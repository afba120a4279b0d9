// A batch ends with enough logs, whatever it was asked for: what is left of its range is the next one's, and nothing is between them.
import type { FaultServer } from "@tidegate/chain/testing";
import { seededRandom } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { IndexerEvent } from "./events.ts";
import { createForkChain, type ForkChain } from "./testing/fork-chain.ts";
import { startForkEndpoint } from "./testing/fork-endpoint.ts";
import { indexToHead } from "./testing/index-fork-chain.ts";
import { seed } from "./testing/market-arbitraries.ts";
import { openMarketDatabase, sumTables, type MarketDatabase, type TableSum } from "./testing/market-database.ts";

/** An answer holds the logs of two blocks: so a batch of one log is one of at most two blocks, or of blocks without logs. */
const SMALL = { enoughLogs: 1, batchSize: 9999 };

let chain: ForkChain;
let endpoint: FaultServer;
let database: MarketDatabase;
let whole: Record<string, TableSum>;

beforeEach(async () => {
  const random = seededRandom(seed);
  chain = createForkChain(random);
  chain.mine(30);
  endpoint = await startForkEndpoint({ chain, random, faultRate: () => 0, lieRate: () => 0, maxBlocks: 2 });
  database = await openMarketDatabase();
});
afterEach(async () => {
  await Promise.all([endpoint.close(), database.close()]);
});

const batches = (events: readonly IndexerEvent[]) =>
  events.flatMap((event) => (event.code === "indexer.batch-stored" ? [event] : []));

describe(`a batch that ends with enough logs (seed ${seed})`, () => {
  beforeEach(async () => {
    const truth = await openMarketDatabase();
    expect(batches(await indexToHead(truth, endpoint))).toHaveLength(1);
    whole = await sumTables(truth.pool);
    await truth.close();
  });

  it("is followed by one that begins where it ended, and all are what one would have been", async () => {
    const events = await indexToHead(database, endpoint, SMALL);
    const ranges = batches(events).map(({ range }) => range);
    expect(ranges.length).toBeGreaterThan(5);
    expect(ranges.slice(1).map(({ from }) => from)).toEqual(ranges.slice(0, -1).map(({ to }) => to + 1n));
    expect(ranges.at(-1)?.to).toBe(chain.head.number);
    expect(await sumTables(database.pool)).toEqual(whole);
  });

  it("fills a gap piece by piece", async () => {
    await indexToHead(database, endpoint);
    await queryRows(database.pool, "update coverage set to_block = 109, to_hash = $1", [hashAt(109n)]);
    await queryRows(database.pool, "insert into coverage values (123, $1, 129, $2)", [hashAt(122n), hashAt(129n)]);
    const events = await indexToHead(database, endpoint, SMALL);
    const filled = events.flatMap((event) => (event.code === "indexer.gap-filled" ? [event.range] : []));
    expect(filled.length).toBeGreaterThan(2);
    expect([filled[0]?.from, filled.at(-1)?.to]).toEqual([110n, 122n]);
    expect(events.findLast((event) => event.code === "indexer.standing")).toMatchObject({ gaps: [] });
    expect(await sumTables(database.pool)).toEqual(whole);
  });
});

function hashAt(number: bigint): Buffer {
  const hash = chain.blocks.find((block) => block.number === number)?.hash ?? expect.fail(`no block ${number}`);
  return Buffer.from(hash.slice(2), "hex");
}
