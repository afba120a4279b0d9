import { expect, it } from "vitest";
import { createInstantClock } from "../testing/instant-clock.ts";
import { createLimiter } from "./limiter.ts";

const { signal } = new AbortController();

it("lets one second's worth through, then the rate, however large a batch is", async () => {
  const clock = createInstantClock();
  const limiter = createLimiter({ maxConcurrent: 1, maxPerSecond: 10, clock });
  const starts: number[] = [];
  for (const calls of [10, 5, 25, 1]) await limiter.run(calls, signal, async () => starts.push(clock.monotonicMs()));
  expect(starts).toEqual([0, 500, 3_000, 3_100]);
});

it("gives the slot back when the effect fails or the wait is ended", async () => {
  const limiter = createLimiter({ maxConcurrent: 1, maxPerSecond: undefined, clock: createInstantClock() });
  await expect(limiter.run(1, signal, async () => Promise.reject(new Error("no")))).rejects.toThrow("no");

  const { promise: running, resolve: end } = Promise.withResolvers<void>();
  const first = limiter.run(1, signal, async () => running);
  const impatient = new AbortController();
  const second = limiter.run(1, impatient.signal, async () => "second");
  const third = limiter.run(1, signal, async () => "third");
  impatient.abort(new Error("enough"));
  await expect(second).rejects.toThrow("enough");
  end();
  await first;
  expect(await third).toBe("third");
});
