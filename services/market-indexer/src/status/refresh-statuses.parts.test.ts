// The status SQL on a real PostgreSQL: cases by hand, and random histories against a naive reading of the rules.
import { seededRandom } from "@tidegate/kernel";
import { queryRows, type Pool } from "@tidegate/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { StoredBlock } from "../store/progress.ts";
import { createBatchStore } from "../store/store-batch.ts";
import { openMarketDatabase, sumTables, type MarketDatabase } from "../testing/market-database.ts";
import { seed } from "../testing/market-arbitraries.ts";
import { naiveStatuses } from "../testing/naive-statuses.ts";
import { alice, bob, randomHistory, requestWith } from "../testing/random-history.ts";
import {
  batchOf,
  deliver,
  eventsOf,
  fulfill,
  lock,
  slash,
  submit,
  type PlacedLater,
  type SyntheticBlock,
} from "../testing/synthetic-chain.ts";
import type { OffchainRequest } from "../types.ts";

const COLUMNS = `
  encode(request_digest, 'hex') as request_digest, source, request_status, slashed_status,
  created_at::text, updated_at::text, locked_at::text, fulfilled_at::text, slashed_at::text,
  lock_prover_delivered_proof_at::text, encode(lock_prover_address, 'hex') as lock_prover_address,
  encode(fulfill_prover_address, 'hex') as fulfill_prover_address,
  submit_block::text, lock_block::text, fulfill_block::text, slashed_block::text, lock_price::text,
  encode(slash_recipient, 'hex') as slash_recipient`;

async function statuses(pool: Pool): Promise<Array<{ request_digest: string }>> {
  return queryRows(pool, `select ${COLUMNS} from request_status order by request_digest`);
}

/** Stores the blocks in batches of the given numbers of blocks. */
async function storeInBatches(
  pool: Pool,
  blocks: readonly SyntheticBlock[],
  sizes: () => number,
  orders?: readonly OffchainRequest[],
): Promise<void> {
  const store = createBatchStore({ pool });
  let previous: StoredBlock | undefined;
  for (let at = 0; at < blocks.length; ) {
    const batch = blocks.slice(at, at + sizes());
    previous = await store(batchOf(batch, previous, orders));
    at += batch.length;
  }
}

const asked = requestWith(1n);
/** Blocks are numbered by their time here. The lock ends at 1200, the request expires at 1300. */
const happenings: Readonly<Record<string, PlacedLater>> = {
  submit: submit(asked),
  lock: lock(asked, alice),
  "deliver alice": deliver(asked, alice),
  "deliver bob": deliver(asked, bob),
  "fulfill alice": fulfill(asked, alice),
  "fulfill bob": fulfill(asked, bob),
  slash: slash(asked, bob),
};

/** Title, happenings with their times, chain time, request status / slashed status / updated at / lock price. */
const cases: ReadonlyArray<[string, ReadonlyArray<[number, string]>, number, string]> = [
  ["submitted", [[900, "submit"]], 900, "submitted N/A 900 -"],
  ["submitted until the lock end, included", [[900, "submit"]], 1200, "submitted N/A 900 -"],
  ["expired a second after the lock end when never locked", [[900, "submit"]], 1201, "expired N/A 1201 -"],
  ["expired since the lock end, not since the expiry", [[900, "submit"]], 1400, "expired N/A 1201 -"],
  ["expired at once when submitted too late", [[1250, "submit"]], 1250, "expired N/A 1250 -"],
  ["locked before the ramp at the minimum", [[900, "submit"], [950, "lock"]], 950, "locked N/A 950 10"],
  ["locked at the ramp's start", [[900, "submit"], [1000, "lock"]], 1000, "locked N/A 1000 10"],
  ["locked on the ramp", [[900, "submit"], [1033, "lock"]], 1033, "locked N/A 1033 43"],
  ["locked at the ramp's end at the maximum", [[900, "submit"], [1100, "lock"]], 1100, "locked N/A 1100 110"],
  ["locked at the lock end", [[900, "submit"], [1200, "lock"]], 1200, "locked N/A 1200 110"],
  ["locked, seen in the lock alone", [[1050, "lock"]], 1060, "locked N/A 1050 60"],
  ["locked past the lock end: may be slashed", [[900, "submit"], [1100, "lock"]], 1201, "locked Pending 1201 110"],
  ["locked at the expiry", [[900, "submit"], [1100, "lock"]], 1300, "locked Pending 1201 110"],
  ["locked and expired", [[900, "submit"], [1100, "lock"]], 1301, "expired Pending 1301 110"],
  [
    "fulfilled in time",
    [[900, "submit"], [1100, "lock"], [1150, "fulfill alice"], [1150, "deliver alice"]],
    1400,
    "fulfilled N/A 1150 110",
  ],
  [
    "fulfilled at the lock end",
    [[900, "submit"], [1100, "lock"], [1200, "fulfill alice"], [1200, "deliver alice"]],
    1400,
    "fulfilled N/A 1200 110",
  ],
  [
    "fulfilled late by the locker",
    [[900, "submit"], [1100, "lock"], [1250, "fulfill alice"], [1250, "deliver alice"]],
    1400,
    "fulfilled Pending 1250 110",
  ],
  [
    "fulfilled late by another",
    [[900, "submit"], [1100, "lock"], [1250, "fulfill bob"], [1250, "deliver bob"]],
    1400,
    "fulfilled Pending 1250 110",
  ],
  [
    "fulfilled early by another: the locker is liable from the lock end",
    [[900, "submit"], [1100, "lock"], [1150, "fulfill bob"], [1150, "deliver bob"]],
    1400,
    "fulfilled Pending 1201 110",
  ],
  ["fulfilled without a lock", [[900, "submit"], [1050, "fulfill bob"]], 1400, "fulfilled N/A 1050 -"],
  ["delivered again", [[900, "submit"], [1050, "fulfill bob"], [1060, "deliver alice"]], 1400, "fulfilled N/A 1060 -"],
  ["slashed", [[900, "submit"], [1100, "lock"], [1350, "slash"]], 1400, "expired Slashed 1350 110"],
  [
    "fulfilled late and slashed",
    [[900, "submit"], [1100, "lock"], [1250, "fulfill bob"], [1350, "slash"]],
    1350,
    "fulfilled Slashed 1350 110",
  ],
  ["submitted twice", [[900, "submit"], [905, "submit"]], 910, "submitted N/A 905 -"],
  ["locked, then submitted: it counts as submitted", [[1050, "lock"], [1060, "submit"]], 1060, "locked N/A 1060 60"],
];

function blocksOf(events: ReadonlyArray<[number, string]>, now: number): SyntheticBlock[] {
  const times = [...new Set([...events.map(([time]) => time), now])].toSorted((a, b) => a - b);
  return times.map((time) => ({
    number: BigInt(time),
    timestamp: BigInt(time),
    events: events.flatMap(([at, what]) => (at === time ? [happenings[what] ?? expect.fail(what)] : [])),
  }));
}

describe("refreshStatuses, by hand", () => {
  let database: MarketDatabase;
  beforeAll(async () => {
    database = await openMarketDatabase();
  });
  afterAll(async () => database.close());

  it.each(cases)("%s", async (_title, events, now, expected) => {
    for (const size of [1, 2, 100]) {
      await queryRows(database.pool, EMPTY);
      await storeInBatches(database.pool, blocksOf(events, now), () => size);
      const [row] = await queryRows<Record<string, string | null>>(database.pool, `select ${COLUMNS} from request_status`);
      const seen = [row?.["request_status"], row?.["slashed_status"], row?.["updated_at"], row?.["lock_price"] ?? "-"];
      expect(`${size}: ${seen.join(" ")}`).toBe(`${size}: ${expected}`);
    }
  });
});

/** DELETE, because TRUNCATE makes new files: a hundred times slower for a handful of rows. */
const EMPTY = [
  ...["last_block", "blocks", "transactions", "proof_requests", "proofs", "request_status"],
  ...["request_submitted_events", "request_locked_events", "request_fulfilled_events"],
  ...["proof_delivered_events", "prover_slashed_events"],
]
  .map((table) => `delete from ${table}`)
  .join(";");

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
        const stored = await statuses(whole.pool);
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
