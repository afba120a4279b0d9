// Errors as plain data for logs, journals and reports: nothing of the chain of causes is dropped.
import { TidegateError } from "./tidegate-error.ts";

export interface SerialisedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly remedy?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly SerialisedError[];
  readonly cause?: SerialisedError;
}

/** Longest chain of causes that is followed; a longer one is almost certainly a cycle. */
const MAX_DEPTH = 10;

/** Turns anything thrown into plain data: name, message, stack, code, remedy, details, nested errors and causes (10 deep). */
export function serialiseError(thrown: unknown, depth = 0): SerialisedError {
  if (!(thrown instanceof Error)) return { name: "NonError", message: describeThrown(thrown) };
  const { cause } = thrown;
  return {
    name: thrown.name,
    message: thrown.message,
    ...(thrown.stack === undefined ? {} : { stack: thrown.stack }),
    ...ownFields(thrown),
    ...(thrown instanceof AggregateError && depth < MAX_DEPTH
      ? { errors: thrown.errors.map((inner) => serialiseError(inner, depth + 1)) }
      : {}),
    ...(cause !== undefined && depth < MAX_DEPTH ? { cause: serialiseError(cause, depth + 1) } : {}),
  };
}

function ownFields(error: Error): Partial<SerialisedError> {
  if (error instanceof TidegateError) return { code: error.code, remedy: error.remedy, details: error.details };
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" || typeof code === "number" ? { code: String(code) } : {};
}

function describeThrown(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return String(thrown);
  }
}
