import { expect, it } from "vitest";
import { chooseRetryCall, type EndedRun } from "./choose-retry-call.ts";
import type { RecordedCall } from "./recorded-call.ts";

/** Calls one after the other, ten milliseconds each. */
function runOf(calls: ReadonlyArray<string | readonly [name: string, failure: string]>, error: Error | null): EndedRun {
  const recorded = calls.map((call, index): RecordedCall => {
    const [name, failure] = typeof call === "string" ? [call, undefined] : call;
    return {
      position: index,
      name,
      failure,
      isUndo: name.startsWith("undo:"),
      beganMs: index * 20,
      endedMs: index * 20 + 10,
    };
  });
  return { runId: "r", calls: recorded, error, length: recorded.length };
}

it.each([
  ["the step that failed", ["a", ["b", "no"]], new Error("no"), "b"],
  ["the step that failed, though the flow tidied up after it", ["a", ["b", "no"], "tidy"], new Error("no"), "b"],
  [
    "the step that failed, inside what the flow made of it",
    ["a", ["b", "no"], "tidy"],
    new Error("it went wrong", { cause: new Error("no") }),
    "b",
  ],
  ["the end, where the flow's own code failed", ["a", "b"], new Error("own"), "the end"],
  ["the end, where an earlier failure had been caught", ["a", ["b", "no"], "c"], new Error("own"), "the end"],
  ["the last failure, where the flow made another of it", ["a", ["b", "no"]], new Error("own"), "b"],
  ["the first step that was undone", ["a", "b", ["c", "no"], "undo:b", "undo:a"], null, "a"],
  ["the wait that was cancelled", ["a", ["wait", "The wait was cancelled."]], null, "wait"],
  ["the end, where nothing is recorded", [], new Error("own"), "the end"],
] as const)("begins from %s", (_, calls, error, from) => {
  expect(chooseRetryCall(runOf(calls, error), undefined).name).toBe(from);
});

it("takes the failed branch of several side by side", () => {
  const run = runOf(["a", ["b", "no"], "c"], new Error("another"));
  const calls = run.calls.map((call) => ({ ...call, beganMs: 5 }));
  expect(chooseRetryCall({ ...run, calls }, undefined).name).toBe("b");
});

it("takes a call that was asked for, up to the default", () => {
  const run = runOf(["a", "b", ["c", "no"], "tidy"], new Error("no"));
  expect(chooseRetryCall(run, "a")).toMatchObject({ position: 0, name: "a" });
  expect(() => chooseRetryCall(run, "tidy")).toThrow(
    expect.objectContaining({ remedy: "Use one of: a, b, c." }) as Error,
  );
  expect(() => chooseRetryCall(run, "d")).toThrow('no recorded step "d"');
});
