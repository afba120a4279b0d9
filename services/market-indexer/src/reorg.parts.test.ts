// Reorganisations and gaps, one by one; random ones are in simulation.parts.test.ts.
import type { FaultServer } from "@tidegate/chain/testing";
import { seededRandom } from "@tidegate/kernel";
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createForkChain, type ForkChain } from "./testing/fork-chain.ts";
import { startForkEndpoint } from "./testing/fork-endpoint.ts";
import { indexToHead, indexUntil } from "./testing/index-fork-chain.ts";
import { seed } from "./testing/market-arbitraries.ts";
import { openMarketDatabase, sumTables, type MarketDatabase } from "./testing/market-database.ts";

let chain: ForkChain;
let endpoint: FaultServer;
let database: MarketDatabase;
let truth: MarketDatabase;

async function serve(of: ForkChain): Promise<FaultServer> {
  return startForkEndpoint({ chain: of, random: seededRandom(1), faultRate: () => 0, lieRate: () => 0 });
}

beforeEach(async () => {
  chain = createForkChain(seededRandom(seed));
  chain.mine(30);
  [endpoint, database, truth] = await Promise.all([serve(chain), openMarketDatabase(), openMarketDatabase()]);
});
afterEach(async () => {
  await Promise.all([endpoint.close(), database.close(), truth.close()]);
});

describe(`a reorganisation (seed ${seed})`, () => {
  it("is undone, replaced by the chain as it is now, and written down", async () => {
    await indexToHead(database, endpoint);
    const before = chain.head;
    chain.reorganise(5, 2);
    const fork = chain.blocks.at(-1 - 5 - 2);
    await indexToHead(database, endpoint);
    await indexToHead(truth, endpoint);
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
    const [row] = await queryRows(
      database.pool,
      `select fork_block, '0x' || encode(fork_hash, 'hex') as fork_hash, undone_to_block,
         '0x' || encode(undone_hash, 'hex') as undone_hash from reorgs`,
    );
    expect(row).toEqual({
      fork_block: fork?.number,
      fork_hash: fork?.hash,
      undone_to_block: before.number,
      undone_hash: before.hash,
    });
  });

  it("at the same height is found without a new block", async () => {
    await indexToHead(database, endpoint);
    chain.reorganise(3, 0);
    const events = await indexToHead(database, endpoint);
    expect(events.some((event) => event.code === "indexer.reorg-undone")).toBe(true);
    await indexToHead(truth, endpoint);
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });

  it("of blocks up to --end-block, which were stored, is undone when it runs again", async () => {
    const endBlock = chain.head.number - 2n;
    await indexToHead(database, endpoint, { endBlock });
    chain.reorganise(7, 0);
    const events = await indexToHead(database, endpoint, { endBlock });
    expect(events.some((event) => event.code === "indexer.reorg-undone")).toBe(true);
    await indexToHead(truth, endpoint, { endBlock });
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });

  it("of everything that was ever stored begins anew before the first block", async () => {
    chain.shrink(20);
    await indexToHead(database, endpoint);
    chain.reorganise(10, 4);
    await indexToHead(database, endpoint);
    await indexToHead(truth, endpoint);
    expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
  });

  it("deeper than the window stops the indexer with a clear error, and changes nothing", async () => {
    await indexToHead(database, endpoint, { reorgDepth: 4 });
    const before = await sumTables(database.pool);
    chain.reorganise(6, 2);
    const run = indexToHead(database, endpoint, { reorgDepth: 4 });
    await expect(run).rejects.toMatchObject({
      name: "ReorgTooDeep",
      exit: 1,
      retry: "never",
      message: expect.stringContaining("Nothing was changed"),
      remedy: expect.stringContaining("--reorg-depth"),
    });
    expect(await sumTables(database.pool)).toEqual(before);
  });

  it("that one of two endpoints only pretends does not stop it: the other is asked", async () => {
    await indexToHead(database, endpoint, { reorgDepth: 4 });
    const other = createForkChain(seededRandom(seed + 1));
    other.mine(34);
    const liar = await serve(other);
    try {
      chain.mine(2);
      const events = await indexUntil(
        database,
        { rpcUrls: [liar.url, endpoint.url], reorgDepth: 4 },
        (event) => event.code === "indexer.progress" && event.indexedBlock === chain.head.number,
      );
      expect(events.some((event) => event.code === "rpc.endpoint-resting")).toBe(true);
      await indexToHead(truth, endpoint);
      expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
    } finally {
      await liar.close();
    }
  });
});

describe("a gap", () => {
  it.each([
    ["in one piece", 9999],
    ["piece by piece", 3],
  ])("in the coverage is found and filled %s, whatever is left of its rows", async (_title, batchSize) => {
    await indexToHead(database, endpoint);
    const whole = await sumTables(database.pool);
    await queryRows(
      database.pool,
      `with hashes as (
         select max(block_hash) filter (where block_number = 114) as hash114, max(parent_hash) filter (where block_number = 123) as hash122
         from unfinalized_blocks
       ), cut as (
         update coverage set to_block = 109, to_hash = $1 returning to_block
       )
       insert into coverage select 123, hash122, 129, $2 from hashes, cut`,
      [hashAt(109n), hashAt(129n)],
    );
    await queryRows(
      database.pool,
      "delete from request_locked_events where block_number between 110 and 116; delete from deposit_events where block_number > 112 and block_number < 120; delete from transactions where block_number = 118",
    );
    const events = await indexToHead(database, endpoint, { batchSize });
    expect(events.some((event) => event.code === "indexer.gap-filled")).toBe(true);
    expect(await sumTables(database.pool)).toEqual(whole);
    expect(events.findLast((event) => event.code === "indexer.standing")).toMatchObject({ gaps: [] });
  });
});

it.each([
  [
    "at the beginning",
    "block_number < 104",
    "update coverage set from_block = 104, parent_hash = (select block_hash from unfinalized_blocks where block_number = 103)",
  ],
  [
    "at the end",
    "block_number > 120",
    "update coverage set to_block = 120, to_hash = (select block_hash from unfinalized_blocks where block_number = 120)",
  ],
  ["of all", "true", "delete from coverage"],
])("a gap %s is found and filled", async (_title, missing, cut) => {
  await indexToHead(database, endpoint, { reorgDepth: 256 });
  const whole = await sumTables(database.pool);
  await queryRows(database.pool, cut);
  await queryRows(database.pool, `delete from transactions where ${missing}`);
  const events = await indexToHead(database, endpoint);
  expect(events.some((event) => event.code === "indexer.gap-filled")).toBe(true);
  expect(await sumTables(database.pool)).toEqual(whole);
  expect(events.findLast((event) => event.code === "indexer.standing")).toMatchObject({ gaps: [] });
});

it("a gap in blocks that the chain took back is undone with them", async () => {
  await indexToHead(database, endpoint);
  await queryRows(database.pool, "update coverage set to_block = 119, to_hash = $1", [hashAt(119n)]);
  await queryRows(database.pool, "insert into coverage values (125, $1, 129, $2)", [hashAt(124n), hashAt(129n)]);
  chain.reorganise(12, 3);
  const events = await indexToHead(database, endpoint);
  expect(events.some((event) => event.code === "indexer.reorg-undone")).toBe(true);
  await indexToHead(truth, endpoint);
  expect(await sumTables(database.pool)).toEqual(await sumTables(truth.pool));
});

function hashAt(number: bigint): Buffer {
  const hash = chain.blocks.find((block) => block.number === number)?.hash ?? expect.fail(`no block ${number}`);
  return Buffer.from(hash.slice(2), "hex");
}
