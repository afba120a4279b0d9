// A recorded error as an Error again: the same name, message, code, remedy, details and causes.
import { TidegateError } from "@tidegate/kernel";
import type { ErrorData } from "./encode-error.ts";

/** Takes what `encodeError` made. */
export function decodeError(recorded: unknown): Error {
  const data = recorded as ErrorData;
  const cause = data.cause === undefined ? undefined : decodeError(data.cause);
  const error = create(data, cause);
  Object.defineProperty(error, "name", { value: data.name, configurable: true, writable: true });
  if (data.stack !== undefined) error.stack = data.stack;
  if (data.code !== undefined) Object.assign(error, { code: data.code });
  return error;
}

function create(data: ErrorData, cause: Error | undefined): Error {
  if (data.known !== undefined) {
    const { details, ...known } = data.known;
    // Recorded from the details of a TidegateError.
    const facts = { ...known, message: data.message, details: details as Record<string, unknown> };
    return new TidegateError(cause === undefined ? facts : { ...facts, cause });
  }
  const options = cause === undefined ? undefined : { cause };
  if (data.errors !== undefined) return new AggregateError(data.errors.map(decodeError), data.message, options);
  return new Error(data.message, options);
}
