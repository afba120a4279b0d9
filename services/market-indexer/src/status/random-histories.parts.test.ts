// The status SQL on random histories: the same however they are batched, and what a naive reading of the rules says.
import { seededRandom } from "@tidegate/kernel";
import { describe, expect, it } from "vitest";
import { openMarketDatabase, sumTables } from "../testing/market-database.ts";
import { seed } from "../testing/market-arbitraries.ts";
import { naiveStatuses } from "../testing/naive-statuses.ts";
import { randomHistory } from "../testing/random-history.ts";
import { readStatuses, storeInBatches } from "../testing/store-in-batches.ts";
import { eventsOf } from "../testing/synthetic-chain.ts";

describe("refreshStatuses, random histories", () => {
  it(`are the same however they are batched, and as the rules say (seed ${seed})`, async () => {
    for (let run = 0; run < 8; run++) {
      const random = seededRandom(seed + run);
      const { blocks, orders } = randomHistory(random);
      const whole = await openMarketDatabase();
      const pieces = await openMarketDatabase();
      try {
        await storeInBatches(whole.pool, blocks, () => blocks.length, orders);
        await storeInBatches(pieces.pool, blocks, () => random.integer(1, 6), orders);
        const now = blocks.at(-1)?.timestamp ?? 0n;
        const start = (blocks[0]?.timestamp ?? 0n) - 1n;
        const shown = orders.filter(({ createdAt }) => createdAt > start && createdAt < now + 1n);
        const naive = naiveStatuses(blocks.flatMap(eventsOf), shown, now);
        const context = `seed ${seed + run}`;
        const stored = await readStatuses(whole.pool);
        expect(stored, context).toEqual(stored.map((row) => naive.get(row.request_digest)));
        expect(stored.length, context).toBe(naive.size);
        expect(await sumTables(pieces.pool), context).toEqual(await sumTables(whole.pool));
      } finally {
        await whole.close();
        await pieces.close();
      }
    }
  });
});
