import { describe, expect, it } from "vitest";
import type { Clock } from "../clock/clock.ts";
import { TidegateError } from "../errors/tidegate-error.ts";
import { backoffMs, retry } from "./retry.ts";

const failure = (retryable: boolean) =>
  new TidegateError({
    code: "test.failed",
    message: "It failed.",
    remedy: "None.",
    retry: retryable ? "later" : "never",
  });

function fakeClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  let elapsed = 0;
  return {
    waits,
    now: () => new Date(elapsed),
    monotonicMs: () => elapsed,
    sleep: (ms) => {
      waits.push(ms);
      elapsed += ms;
      return Promise.resolve();
    },
  };
}

describe("retry", () => {
  it("goes on until it succeeds, with waits that double up to the limit", async () => {
    const clock = fakeClock();
    const result = await retry((attempt) => (attempt < 5 ? Promise.reject(failure(true)) : Promise.resolve(attempt)), {
      attempts: 9,
      baseMs: 100,
      maxMs: 300,
      clock,
      random: () => 1,
    });
    expect(result).toBe(5);
    expect(clock.waits).toEqual([100, 200, 300, 300]);
  });

  it("stops at the number of attempts and rethrows the last error", async () => {
    const clock = fakeClock();
    await expect(retry(() => Promise.reject(failure(true)), { attempts: 3, clock })).rejects.toThrow("It failed.");
    expect(clock.waits).toHaveLength(2);
  });

  it("does not try again what may not be tried again, nor an unknown error", async () => {
    const clock = fakeClock();
    await expect(retry(() => Promise.reject(failure(false)), { attempts: 3, clock })).rejects.toThrow("It failed.");
    await expect(retry(() => Promise.reject(new Error("?")), { attempts: 3, clock })).rejects.toThrow("?");
    expect(clock.waits).toEqual([]);
  });

  it("begins no try after the deadline", async () => {
    const clock = fakeClock();
    const options = { attempts: 100, baseMs: 100, maxMs: 100, deadlineMs: 350, clock, random: () => 1 };
    await expect(retry(() => Promise.reject(failure(true)), options)).rejects.toThrow("It failed.");
    expect(clock.waits).toEqual([100, 100, 100]);
  });

  it("waits at least as long as the error asks", async () => {
    const clock = fakeClock();
    const options = { attempts: 2, baseMs: 1, askedWaitMs: () => 5_000, clock };
    await expect(retry(() => Promise.reject(failure(true)), options)).rejects.toThrow("It failed.");
    expect(clock.waits).toEqual([5_000]);
  });

  it("ends when aborted while waiting", async () => {
    const abort = new AbortController();
    const options = {
      attempts: 5,
      baseMs: 60_000,
      signal: abort.signal,
      random: () => 1,
      onRetry: () => abort.abort(new Error("stopped")),
    };
    await expect(retry(() => Promise.reject(failure(true)), options)).rejects.toThrow("stopped");
  });
});

it("backoff is uniform below a doubling bound", () => {
  expect(backoffMs(1, { baseMs: 100, random: () => 0 })).toBe(0);
  expect(backoffMs(4, { baseMs: 100, random: () => 0.5 })).toBe(400);
  expect(backoffMs(50, { baseMs: 100, maxMs: 7_000, random: () => 1 })).toBe(7_000);
});
