// What is said of the progress when both sources speak, and when one is silent.
import { marketProgressSchema } from "@tidegate/contract";
import { describe, expect, it } from "vitest";
import { marketProgress } from "./market-progress.ts";

const stored = { chainId: 31_337n, block: 40n, blockTimestamp: 1_700_000_000n };

describe("the market's progress", () => {
  it.each([
    ["behind", { head: 50n, eventsPerSecond: 2.5 }, { head: "50", lagBlocks: 10, eventsPerSecond: 2.5 }],
    ["at the head", { head: 40n, eventsPerSecond: 0 }, { head: "40", lagBlocks: 0, eventsPerSecond: 0 }],
    // The head was read a moment before the database: a batch stored in between is no lag of -2.
    [
      "past a head read earlier",
      { head: 38n, eventsPerSecond: null },
      { head: "38", lagBlocks: 0, eventsPerSecond: null },
    ],
    [
      "not knowing the head",
      { head: null, eventsPerSecond: null },
      { head: null, lagBlocks: null, eventsPerSecond: null },
    ],
  ])("is told of an indexer %s", (_, report, expected) => {
    const progress = marketProgress(stored, report);
    expect(progress).toEqual({
      chainId: "31337",
      indexedBlock: "40",
      indexedAt: "2023-11-14T22:13:20.000Z",
      detail: null,
      ...expected,
    });
    expect(marketProgressSchema.parse(progress)).toEqual(progress);
  });

  it.each([
    ["the indexer", stored, undefined, "The indexer does not report; the chain's head is not known."],
    ["the database", undefined, { head: 1n, eventsPerSecond: 1 }, "The database holds no progress yet."],
    ["both", undefined, undefined, "Neither the database nor the indexer tells its progress."],
  ])("says that %s is silent", (_, fromDatabase, report, detail) => {
    const progress = marketProgress(fromDatabase, report);
    expect(progress.detail).toBe(detail);
    expect(progress.lagBlocks).toBeNull();
  });
});
