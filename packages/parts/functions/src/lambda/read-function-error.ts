// What an invocation answers when the function did not return: `FunctionError`, and a payload that names the error.
//
// Format: AWS Lambda Developer Guide, "Lambda function errors in Node.js": { errorType, errorMessage, trace }.
import * as z from "zod";
import { FunctionCrashed, FunctionFailed } from "../errors.ts";

const errorPayload = z.object({ errorType: z.string().optional(), errorMessage: z.string().optional() });

/** The runtime's process is gone: nobody threw. */
const CRASHES: ReadonlySet<string> = new Set([
  "Runtime.ExitError",
  "Runtime.NodeJsExit",
  "Runtime.OutOfMemory",
  "Sandbox.Failure",
]);
const TEXT_LIMIT = 10_000;

export function readFunctionError(
  about: { readonly name: string; readonly log: string; readonly requestId?: string },
  functionError: string,
  payload: string,
): FunctionFailed | FunctionCrashed {
  const { errorType = functionError, errorMessage = payload } = parse(payload);
  const message = errorMessage.slice(0, TEXT_LIMIT);
  // Before 2024 a time-out had no type, and its text is still how it says the seconds.
  const seconds = /Task timed out after ([\d.]+) seconds/.exec(message)?.[1];
  if (errorType === "Sandbox.Timedout" || (seconds !== undefined && errorType === functionError)) {
    const timedOutAfterMs = seconds === undefined ? null : Math.round(Number(seconds) * 1_000);
    return new FunctionFailed({ ...about, error: { name: "TimedOut", message }, timedOutAfterMs });
  }
  if (CRASHES.has(errorType)) return new FunctionCrashed({ ...about, how: message });
  return new FunctionFailed({ ...about, error: { name: errorType, message } });
}

function parse(payload: string): z.infer<typeof errorPayload> {
  try {
    return errorPayload.safeParse(JSON.parse(payload)).data ?? {};
  } catch {
    return {};
  }
}
