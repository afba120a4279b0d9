// A batch is stored whole or not at all, by one writer; a request is stored once, whoever carried it.
import { queryRows } from "@tidegate/postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openMarketDatabase, sumTables, type MarketDatabase } from "../testing/market-database.ts";
import { alice, bob, requestWith } from "../testing/random-history.ts";
import {
  appendTo,
  batchOf,
  hash32,
  lock,
  slash,
  submit,
  transfer,
  type PlacedLater,
  type SyntheticBatch,
  type SyntheticBlock,
} from "../testing/synthetic-chain.ts";
import type { OffchainRequest } from "../types.ts";
import type { StoredBlock } from "./progress.ts";
import { createBatchStore } from "./store-batch.ts";

let database: MarketDatabase;
let store: (batch: SyntheticBatch) => Promise<StoredBlock>;
beforeEach(async () => {
  database = await openMarketDatabase();
  store = createWriter();
});
afterEach(async () => database.close());

function createWriter(): typeof store {
  const batches = createBatchStore({ pool: database.pool });
  return async (batch) => appendTo(batches, batch);
}

function block(number: number, ...events: PlacedLater[]): SyntheticBlock {
  return { number: BigInt(number), timestamp: BigInt(number), events };
}

const storedBlock = (number: bigint): StoredBlock => ({
  number,
  timestamp: number,
  hash: `0x${hash32("block", number).toString("hex")}`,
});

const asked = requestWith(77n);

describe("createBatchStore", () => {
  it("refuses a batch that does not follow on what is stored, and leaves everything as it is", async () => {
    const first = await store(batchOf([block(10, submit(asked))], undefined));
    const before = await sumTables(database.pool);
    const again = { name: "IndexerSuperseded", exit: 75 };
    await expect(store(batchOf([block(11, lock(asked, alice))], undefined))).rejects.toMatchObject(again);
    await expect(store(batchOf([block(9)], storedBlock(8n)))).rejects.toMatchObject(again);
    expect(await sumTables(database.pool)).toEqual(before);
    expect(await store(batchOf([block(11)], first))).toEqual(storedBlock(11n));
  });

  it("lets one of two writers that begin at once store its batch", async () => {
    const writers = [store, createWriter()];
    const batches = writers.map((write) => write(batchOf([block(10, submit(asked))], undefined)));
    const results = await Promise.allSettled(batches);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("refuses a second batch while one is being stored, which would mix their rows", async () => {
    const first = store(batchOf([block(10, submit(asked))], undefined));
    await expect(store(batchOf([block(11)], storedBlock(10n)))).rejects.toThrow("being stored already");
    expect(await first).toEqual(storedBlock(10n));
  });

  it("stores nothing of a batch with a row that cannot be stored", async () => {
    const tooLarge = transfer("Deposit", alice, 10n ** 90n);
    await expect(store(batchOf([block(10, submit(asked), tooLarge)], undefined))).rejects.toMatchObject({
      name: "PostgresQueryFailed",
    });
    const sums = await sumTables(database.pool);
    expect(Object.values(sums).every(({ rows }) => rows === 0n)).toBe(true);
  });

  it("keeps two deposits of one account in one transaction apart", async () => {
    const batch = batchOf([block(10, transfer("Deposit", alice, 1n), transfer("Deposit", alice, 2n))], undefined);
    const [first] = batch.events;
    if (first === undefined) throw new Error("The batch has two events");
    const { txHash } = first.place;
    const events = batch.events.map((event) => ({ ...event, place: { ...event.place, txHash } }));
    await store({ ...batch, events });
    const rows = await queryRows<{ value: string }>(
      database.pool,
      "select value from deposit_events order by log_index",
    );
    expect(rows.map((row) => row.value)).toEqual(["1", "2"]);
  });

  it("attributes a slash to the latest lock before it, and to nobody when there is none", async () => {
    const other = requestWith(78n);
    const first = await store(
      batchOf(
        [block(10, slash(asked, bob), lock(asked, alice)), block(11, lock(asked, bob), slash(asked, bob))],
        undefined,
      ),
    );
    await store(batchOf([block(12, lock(asked, alice), slash(other, bob)), block(13, slash(asked, bob))], first));
    const rows = await queryRows<{ block_number: bigint; prover_address: Buffer | null }>(
      database.pool,
      "select block_number, prover_address from prover_slashed_events order by block_number, log_index",
    );
    expect(rows.map((row) => [row.block_number, row.prover_address])).toEqual([
      [10n, null],
      [11n, bob],
      [12n, null],
      [13n, alice],
    ]);
  });
});

describe("the stored request of a digest", () => {
  const order = (createdAt: number): OffchainRequest => ({
    ...asked,
    clientSignature: Buffer.alloc(65, 9),
    createdAt: BigInt(createdAt),
  });

  /** Blocks 10 to 19 with these happenings, in batches of `size`; orders as their windows show them. */
  async function sourceAfter(
    events: Readonly<Record<number, readonly PlacedLater[]>>,
    orders: readonly OffchainRequest[],
    size: number,
  ): Promise<string> {
    const blocks = Array.from({ length: 10 }, (_, index) => block(10 + index, ...(events[10 + index] ?? [])));
    let previous: Awaited<ReturnType<typeof store>> | undefined;
    for (let at = 0; at < blocks.length; at += size) {
      previous = await store(batchOf(blocks.slice(at, at + size), previous, orders));
    }
    const rows = await queryRows<{ source: string; submission_timestamp: bigint; block_number: bigint | null }>(
      database.pool,
      "select source, submission_timestamp, block_number from proof_requests",
    );
    return rows.map((row) => `${row.source} ${row.submission_timestamp} ${row.block_number}`).join(", ");
  }

  const cases: ReadonlyArray<[string, Record<number, PlacedLater[]>, OffchainRequest[], string]> = [
    ["the first submission", { 11: [submit(asked), submit(asked)], 14: [submit(asked)] }, [], "onchain 11 11"],
    ["a lock, when nothing else carried it", { 12: [lock(asked, alice)], 15: [lock(asked, bob)] }, [], "unknown 12 12"],
    ["a submission after a lock", { 12: [lock(asked, alice)], 15: [submit(asked)] }, [], "onchain 15 15"],
    ["an order after a lock", { 12: [lock(asked, alice)] }, [order(14)], "offchain 14 null"],
    ["an order before a submission", { 15: [submit(asked)] }, [order(13)], "offchain 13 null"],
    ["a submission before an order", { 13: [submit(asked)] }, [order(15), order(16)], "onchain 13 13"],
    ["a submission at the second of an order", { 13: [submit(asked)] }, [order(13)], "onchain 13 13"],
  ];
  it.each(cases.flatMap((one) => [1, 3, 10].map((size) => [...one, size] as const)))(
    "is %s",
    async (_title, events, orders, expected, size) => {
      expect(await sourceAfter(events, orders, size)).toBe(expected);
    },
  );

  it("holds what PostgreSQL's text cannot, as U+FFFD", async () => {
    const request = { ...asked.request, imageUrl: Buffer.from([0x61, 0x00, 0xff, 0x62]) };
    await store(batchOf([block(10, submit({ ...asked, request }))], undefined));
    const rows = await queryRows(
      database.pool,
      "select image_url, encode(client_address, 'hex') as client from proof_requests",
    );
    expect(rows).toEqual([{ image_url: "a\uFFFD\uFFFDb", client: "00".repeat(20) }]);
  });
});
