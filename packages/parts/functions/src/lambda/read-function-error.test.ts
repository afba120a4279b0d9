import { expect, it } from "vitest";
import { readFunctionError } from "./read-function-error.ts";

const about = { name: "bazooka", log: "the log group /aws/lambda/bazooka" };

it.each([
  [
    { errorType: "MigrationFailed", errorMessage: "relation exists", trace: ["a"] },
    {
      name: "FunctionFailed",
      details: { error: { name: "MigrationFailed", message: "relation exists" }, timedOut: false },
    },
  ],
  [
    { errorType: "Sandbox.Timedout", errorMessage: "RequestId: a Error: Task timed out after 300.00 seconds" },
    { name: "FunctionFailed", details: { timedOut: true }, message: expect.stringContaining("after 300000 ms") },
  ],
  [
    { errorMessage: "2023-01-01T00:00:00.000Z 1-2 Task timed out after 3.05 seconds" },
    { name: "FunctionFailed", details: { timedOut: true }, message: expect.stringContaining("after 3050 ms") },
  ],
  [
    { errorType: "Runtime.ExitError", errorMessage: "RequestId: a Error: Runtime exited with error: signal: killed" },
    { name: "FunctionCrashed", details: { how: expect.stringContaining("signal: killed") } },
  ],
  // What a function says about somebody else's time-out is its own error.
  [
    { errorType: "Error", errorMessage: "Task timed out after 3 seconds" },
    { name: "FunctionFailed", details: { timedOut: false } },
  ],
  [{}, { name: "FunctionFailed", details: { error: { name: "Unhandled", message: "{}" } } }],
])("reads %j", (payload, expected) => {
  expect(readFunctionError(about, "Unhandled", JSON.stringify(payload))).toMatchObject(expected);
});

it("tells what cannot be read as it is, within bounds", () => {
  const error = readFunctionError(about, "Unhandled", `<html>${"x".repeat(20_000)}`);
  expect(error).toMatchObject({ name: "FunctionFailed", details: { error: { name: "Unhandled" } } });
  expect(error.message.length).toBeLessThan(10_200);
});
