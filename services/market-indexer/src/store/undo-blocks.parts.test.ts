// Undoing blocks on random histories, orders of the stream among them: what stays is what there was before them.
import { seededRandom } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { seed } from "../testing/market-arbitraries.ts";
import { openMarketDatabase, sumTables } from "../testing/market-database.ts";
import { alice, randomHistory, requestWith } from "../testing/random-history.ts";
import { readStatuses, storeInBatches } from "../testing/store-in-batches.ts";
import { batchOf, fulfill, submit, type PlacedLater, type SyntheticBlock } from "../testing/synthetic-chain.ts";
import { readLastBlock } from "./progress.ts";
import { undoBlocks } from "./undo-blocks.ts";

describe(`undoBlocks (seed ${seed})`, () => {
  it("leaves the tables of a history that ended at the fork, however it was batched", async () => {
    for (let run = 0; run < 8; run++) {
      const random = seededRandom(seed + run);
      const { blocks, orders } = randomHistory(random);
      const kept = blocks.slice(0, random.integer(1, blocks.length - 1));
      const now = kept.at(-1)?.timestamp ?? 0n;
      // Those after the fork stay: the stream gave them, whatever becomes of the chain.
      const shown = orders.filter(({ createdAt }) => createdAt <= now);
      const undone = await openMarketDatabase();
      const truth = await openMarketDatabase();
      try {
        await storeInBatches(undone.pool, blocks, () => random.integer(1, 9), shown);
        await storeInBatches(truth.pool, kept, () => random.integer(1, 9), shown);
        const fork = [...batchOf(kept, undefined).fetched.headers.values()].at(-1);
        const previous = await readLastBlock(undone.pool);
        if (fork === undefined || previous === undefined) throw new Error("There are blocks");
        await undoBlocks(undone.pool, { fork, previous });
        expect(await sumTables(undone.pool), `seed ${seed + run}`).toEqual(await sumTables(truth.pool));
        // And it goes on from there as if nothing had been.
        await storeInBatches(undone.pool, blocks.slice(kept.length), () => random.integer(1, 9), shown, fork);
        await storeInBatches(truth.pool, blocks.slice(kept.length), () => blocks.length, shown, fork);
        expect(await sumTables(undone.pool), `seed ${seed + run}`).toEqual(await sumTables(truth.pool));
      } finally {
        await undone.close();
        await truth.close();
      }
    }
  });

  it("remembers the fulfilment of a request that only the undone blocks showed", async () => {
    const database = await openMarketDatabase();
    try {
      const asked = requestWith(7n);
      const block = (number: bigint, ...events: PlacedLater[]): SyntheticBlock => ({
        number,
        timestamp: number,
        events,
      });
      const blocks = [block(10n, fulfill(asked, alice)), block(11n, submit(asked)), block(12n)];
      await storeInBatches(database.pool, blocks, () => 3);
      const [fork] = batchOf(blocks.slice(0, 1), undefined).fetched.headers.values();
      const previous = await readLastBlock(database.pool);
      if (fork === undefined || previous === undefined) throw new Error("There are blocks");
      await undoBlocks(database.pool, { fork, previous });
      expect(await readStatuses(database.pool)).toEqual([]);
      await storeInBatches(database.pool, blocks.slice(1), () => 2, undefined, fork);
      expect(await readStatuses(database.pool)).toMatchObject([{ request_status: "fulfilled", fulfill_block: "10" }]);
    } finally {
      await database.close();
    }
  });

  it("is refused when another process has stored something meanwhile", async () => {
    const { blocks } = randomHistory(seededRandom(seed));
    const database = await openMarketDatabase();
    try {
      await storeInBatches(database.pool, blocks, () => blocks.length);
      const [fork] = batchOf(blocks.slice(0, 1), undefined).fetched.headers.values();
      const previous = await readLastBlock(database.pool);
      if (fork === undefined || previous === undefined) throw new Error("There are blocks");
      const before = await sumTables(database.pool);
      const run = undoBlocks(database.pool, { fork, previous: { ...previous, hash: fork.hash } });
      await expect(run).rejects.toMatchObject({ name: "IndexerSuperseded", exit: 75 });
      expect(await sumTables(database.pool)).toEqual(before);
    } finally {
      await database.close();
    }
  });
});
