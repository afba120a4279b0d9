import { createLogger, TidegateError, type Clock } from "@tidegate/kernel";
import { expect, it } from "vitest";
import { keepTrying } from "./keep-trying.ts";

const logger = createLogger({ service: "tests", level: "silent" });
const away = new TidegateError({ code: "a.away", message: "Away.", remedy: "-", retry: "later" });

/** Its sleeps take no time, and move it on. */
function instantClock(): Clock {
  let nowMs = 0;
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    sleep: async (ms) => void (nowMs += ms),
  };
}

it("goes on after a failure that passes, and ends with the signal", async () => {
  const stop = new AbortController();
  let calls = 0;
  await keepTrying(
    async (succeeded) => {
      calls += 1;
      if (calls % 2 === 0) throw away;
      succeeded();
      if (calls === 9) stop.abort();
    },
    { at: "t", logger, signal: stop.signal, clock: instantClock() },
  );
  expect(calls).toBe(9);
});

it("gives up after its limit without a success, and at once on what does not pass", async () => {
  const { signal } = new AbortController();
  const clock = instantClock();
  const failing = keepTrying(() => Promise.reject(away), { at: "t", logger, signal, clock, giveUpAfterMs: 10_000 });
  await expect(failing).rejects.toBe(away);
  expect(clock.monotonicMs()).toBeGreaterThan(10_000);
  const bug = new RangeError("a bug");
  await expect(keepTrying(() => Promise.reject(bug), { at: "t", logger, signal })).rejects.toBe(bug);
});
