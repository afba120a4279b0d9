import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Progress } from "../context/run-context.ts";
import { throttleProgress } from "./throttle-progress.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tells the first at once, then five a second at most, and the last", () => {
  const told: Progress[] = [];
  const tell = throttleProgress((progress) => told.push(progress));
  for (let done = 1; done <= 100; done++) {
    tell({ done });
    vi.advanceTimersByTime(10);
  }
  expect(told[0]).toEqual({ done: 1 });
  expect(told).toHaveLength(6);
  vi.advanceTimersByTime(1_000);
  expect(told).toHaveLength(6);
  expect(told.at(-1)).toEqual({ done: 100 });
});

it("tells nothing of what is over, also what was waiting", () => {
  const told: Progress[] = [];
  let isOver = false;
  const tell = throttleProgress(
    (progress) => told.push(progress),
    () => isOver,
  );
  tell({ done: 1 });
  tell({ done: 2 });
  isOver = true;
  vi.advanceTimersByTime(1_000);
  tell({ done: 3 });
  expect(told).toEqual([{ done: 1 }]);
});
