// What was begun is taken where it answers the question, once; everything else is fetched when it is asked for.
import { describe, expect, it } from "vitest";
import type { FetchedBatch } from "../types.ts";
import type { BatchQuestion } from "./fetch-batch.ts";
import { createPrefetch } from "./prefetch.ts";

const question = (from: bigint, to: bigint, hash = "0xaa"): BatchQuestion => ({
  range: { from, to },
  previous: { number: from - 1n, hash, timestamp: undefined },
  head: 100n,
  windowFrom: 0n,
});

function counting(outcomes: readonly (Error | undefined)[] = []) {
  const asked: BatchQuestion[] = [];
  const prefetch = createPrefetch(async ({ range, windowFrom, ...rest }: BatchQuestion) => {
    asked.push({ range, windowFrom, ...rest });
    const failure = outcomes[asked.length - 1];
    if (failure !== undefined) throw failure;
    return { range, windowFrom, logs: [], headers: new Map(), transactions: new Map() } satisfies FetchedBatch;
  });
  return { prefetch, asked };
}

describe("createPrefetch", () => {
  it("fetches once what was begun and is asked for, also when more is asked for by then", async () => {
    const { prefetch, asked } = counting();
    prefetch.begin(question(5n, 9n));
    expect((await prefetch.take(question(5n, 12n))).range).toEqual({ from: 5n, to: 9n });
    expect(asked).toHaveLength(1);
    await prefetch.take(question(5n, 9n));
    expect(asked).toHaveLength(2);
  });

  it.each([
    ["another block", question(6n, 9n)],
    ["fewer blocks", question(5n, 8n)],
    ["another parent", question(5n, 9n, "0xbb")],
  ])("fetches anew for %s", async (_, other) => {
    const { prefetch, asked } = counting();
    prefetch.begin(question(5n, 9n));
    expect((await prefetch.take(other)).range).toEqual(other.range);
    expect(asked).toHaveLength(2);
  });

  it("throws what fetching threw to the one who takes it, and tries anew after that", async () => {
    const { prefetch, asked } = counting([new Error("no answer")]);
    prefetch.begin(question(5n, 9n));
    await expect(prefetch.take(question(5n, 9n))).rejects.toThrow("no answer");
    expect((await prefetch.take(question(5n, 9n))).range).toEqual({ from: 5n, to: 9n });
    expect(asked).toHaveLength(2);
  });
});
