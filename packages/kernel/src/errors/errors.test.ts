import { expect, it } from "vitest";
import { describeError } from "./describe-error.ts";
import { PartIsOff } from "./part-is-off.ts";
import { serialiseError } from "./serialise-error.ts";
import { EXIT, TidegateError } from "./tidegate-error.ts";
import { TimedOut } from "./timed-out.ts";

it("defaults to our fault, never again, exit 1", () => {
  const error = new TidegateError({ code: "a.b", message: "M.", remedy: "R." });
  expect(error).toMatchObject({
    code: "a.b",
    remedy: "R.",
    retry: "never",
    blame: "us",
    exit: EXIT.failed,
    details: {},
  });
});

it("subclasses write their own sentence", () => {
  expect(new PartIsOff({ part: "kafka", reason: "Java is missing", remedy: "Install it." })).toMatchObject({
    message: 'The part "kafka" is off: Java is missing.',
    exit: EXIT.partDown,
  });
  expect(new TimedOut({ what: "The start", limitMs: 5, remedy: "Wait." })).toMatchObject({
    retry: "later",
    exit: EXIT.tryAgain,
  });
});

it("describes a chain of causes in one line, without repeating", () => {
  const error = new Error("outer", {
    cause: new Error("outer", { cause: new AggregateError([new Error("a"), new Error("b")], "both") }),
  });
  expect(describeError(error)).toBe("outer: both (a; b)");
  expect(describeError("text")).toBe("text");
});

it("serialises cycles, non-errors and aggregates without loss or loop", () => {
  const a = new Error("a");
  a.cause = a;
  expect(JSON.stringify(serialiseError(a)).match(/"a"/g)?.length).toBe(11);
  expect(serialiseError({ reason: 1 })).toEqual({ name: "NonError", message: '{"reason":1}' });
  expect(serialiseError(new AggregateError([new Error("x")], "all")).errors?.[0]?.message).toBe("x");
});
