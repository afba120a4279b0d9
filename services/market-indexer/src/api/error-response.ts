// From a thrown error to `{error, message}` with the right status. Decided by type, never by the words of a message.
import { TidegateError } from "@tidegate/kernel";
import { PostgresQueryFailed } from "@tidegate/postgres";
import { DatabaseUnavailable, MarketApiError, SchemaMissing } from "./errors.ts";

export interface ErrorResponse {
  readonly status: 400 | 404 | 500 | 503;
  readonly body: { readonly error: string; readonly message: string };
  readonly headers: Readonly<Record<string, string>>;
}

export const ENDPOINT_NOT_FOUND = {
  error: "Not Found",
  message: "The requested endpoint does not exist",
} as const;

/** A request that is refused before it reaches a route; see ListenOptions.refuse. */
export function malformedRequest(reason: string): Response {
  const { status, body, headers } = answer(400, `The request is not valid HTTP: ${reason}.`);
  return Response.json(body, { status, headers });
}

const TITLES = {
  400: "Bad Request",
  404: "Not Found",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

const RETRY_AFTER_SECONDS = 5;

/** SQLSTATE undefined_table. */
const UNDEFINED_TABLE = "42P01";

/** The answer to an error; one that no caller should know about is answered in general words. */
export function errorResponse(thrown: unknown): ErrorResponse {
  const error = classify(thrown);
  if (error === undefined) return answer(500, "The request could not be answered. The error was logged.");
  return answer(error.status, error.message);
}

function answer(status: ErrorResponse["status"], message: string): ErrorResponse {
  const retryAfter = status === 503 ? { "retry-after": String(RETRY_AFTER_SECONDS) } : {};
  return { status, body: { error: TITLES[status], message }, headers: { "cache-control": "no-store", ...retryAfter } };
}

function classify(thrown: unknown): MarketApiError | undefined {
  if (thrown instanceof MarketApiError) return thrown;
  if (thrown instanceof PostgresQueryFailed && thrown.sqlState === UNDEFINED_TABLE)
    return new SchemaMissing({ cause: thrown });
  // What our parts call worth trying again is, seen from a client of this API, a database that is away.
  if (thrown instanceof TidegateError && thrown.retry !== "never") return new DatabaseUnavailable({ cause: thrown });
  return undefined;
}
