// The status SQL on a real PostgreSQL, case by case; random histories are in random-histories.parts.test.ts.
import { queryRows } from "@tidegate/postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMarketDatabase, type MarketDatabase } from "../testing/market-database.ts";
import { alice, bob, requestWith } from "../testing/random-history.ts";
import { readStatuses, storeInBatches } from "../testing/store-in-batches.ts";
import {
  deliver,
  fulfill,
  lock,
  slash,
  submit,
  type PlacedLater,
  type SyntheticBlock,
} from "../testing/synthetic-chain.ts";

/** Its ramp goes from 10 to 110 between 1000 and 1100, its lock ends at 1200, and it expires at 1300. */
const asked = requestWith(1n);
const happenings: Readonly<Record<string, PlacedLater>> = {
  submit: submit(asked),
  lock: lock(asked, alice),
  "deliver alice": deliver(asked, alice),
  "deliver bob": deliver(asked, bob),
  "fulfill alice": fulfill(asked, alice),
  "fulfill bob": fulfill(asked, bob),
  slash: slash(asked, bob),
};

/** Title; times with what happened then; chain time now; request status, slashed status, updated at, lock price. */
const cases: ReadonlyArray<[string, string, number, string]> = [
  ["submitted", "900 submit", 900, "submitted N/A 900 -"],
  ["submitted until the lock end, included", "900 submit", 1200, "submitted N/A 900 -"],
  ["expired a second after the lock end when never locked", "900 submit", 1201, "expired N/A 1201 -"],
  ["expired since the lock end, not since the expiry", "900 submit", 1400, "expired N/A 1201 -"],
  ["expired at once when submitted too late", "1250 submit", 1250, "expired N/A 1250 -"],
  ["submitted twice", "900 submit, 905 submit", 910, "submitted N/A 905 -"],

  ["locked before the ramp at the minimum", "900 submit, 950 lock", 950, "locked N/A 950 10"],
  ["locked at the ramp's start", "900 submit, 1000 lock", 1000, "locked N/A 1000 10"],
  ["locked on the ramp", "900 submit, 1033 lock", 1033, "locked N/A 1033 43"],
  ["locked at the ramp's end at the maximum", "900 submit, 1100 lock", 1100, "locked N/A 1100 110"],
  ["locked at the lock end", "900 submit, 1200 lock", 1200, "locked N/A 1200 110"],
  ["locked, seen in the lock alone", "1050 lock", 1060, "locked N/A 1050 60"],
  ["locked, then submitted", "1050 lock, 1060 submit", 1060, "locked N/A 1060 60"],

  ["locked past the lock end: may be slashed", "900 submit, 1100 lock", 1201, "locked Pending 1201 110"],
  ["locked at the expiry", "900 submit, 1100 lock", 1300, "locked Pending 1201 110"],
  ["locked and expired", "900 submit, 1100 lock", 1301, "expired Pending 1301 110"],
  ["slashed", "900 submit, 1100 lock, 1350 slash", 1400, "expired Slashed 1350 110"],

  [
    "fulfilled in time",
    "900 submit, 1100 lock, 1150 fulfill alice, 1150 deliver alice",
    1400,
    "fulfilled N/A 1150 110",
  ],
  [
    "… at the lock end",
    "900 submit, 1100 lock, 1200 fulfill alice, 1200 deliver alice",
    1400,
    "fulfilled N/A 1200 110",
  ],
  [
    "… late by the locker",
    "900 submit, 1100 lock, 1250 fulfill alice, 1250 deliver alice",
    1400,
    "fulfilled Pending 1250 110",
  ],
  [
    "… late by another",
    "900 submit, 1100 lock, 1250 fulfill bob, 1250 deliver bob",
    1400,
    "fulfilled Pending 1250 110",
  ],
  [
    "… early by another",
    "900 submit, 1100 lock, 1150 fulfill bob, 1150 deliver bob",
    1400,
    "fulfilled Pending 1201 110",
  ],
  ["… without a lock", "900 submit, 1050 fulfill bob", 1400, "fulfilled N/A 1050 -"],
  ["… and delivered again", "900 submit, 1050 fulfill bob, 1060 deliver alice", 1400, "fulfilled N/A 1060 -"],
  ["… late, and slashed", "900 submit, 1100 lock, 1250 fulfill bob, 1350 slash", 1350, "fulfilled Slashed 1350 110"],
];

/** Blocks are numbered by their time here; the last one is now. */
function blocksOf(history: string, now: number): SyntheticBlock[] {
  const events = history.split(", ").map((text) => {
    const [time = "", ...words] = text.split(" ");
    return { time: Number(time), event: happenings[words.join(" ")] ?? expect.fail(text) };
  });
  const times = [...new Set([...events.map(({ time }) => time), now])].toSorted((a, b) => a - b);
  return times.map((at) => ({
    number: BigInt(at),
    timestamp: BigInt(at),
    events: events.filter(({ time }) => time === at).map(({ event }) => event),
  }));
}

/** DELETE, because TRUNCATE makes new files: far slower for a handful of rows. */
const EMPTY = `
  delete from last_block; delete from blocks; delete from transactions; delete from proof_requests; delete from proofs;
  delete from request_submitted_events; delete from request_locked_events; delete from request_fulfilled_events;
  delete from proof_delivered_events; delete from prover_slashed_events; delete from request_status;
  delete from unfinalized_blocks; delete from coverage; delete from shadowed_sightings`;

describe("refreshStatuses", () => {
  let database: MarketDatabase;
  beforeAll(async () => {
    database = await openMarketDatabase();
  });
  afterAll(async () => database.close());

  it.each(cases)("%s: %s", async (_title, history, now, expected) => {
    for (const size of [1, 2, 100]) {
      await queryRows(database.pool, EMPTY);
      await storeInBatches(database.pool, blocksOf(history, now), () => size);
      const rows = await readStatuses(database.pool);
      const seen = rows.map((row) =>
        [row.request_status, row.slashed_status, row.updated_at, row.lock_price ?? "-"].join(" "),
      );
      expect({ size, seen }).toEqual({ size, seen: [expected] });
    }
  });
});
