// From what `pg` throws to what our callers decide on: `retry`, `blame` and the exit code.
import { TidegateError } from "@tidegate/kernel";
import {
  PostgresDatabaseMissing,
  PostgresDiskFull,
  PostgresLoginRefused,
  PostgresPoolExhausted,
  PostgresTooManyConnections,
  PostgresUnreachable,
} from "./connection-errors.ts";
import {
  PostgresConflict,
  PostgresLockTimeout,
  PostgresNotAllowed,
  PostgresQueryFailed,
  PostgresReadOnly,
  PostgresStatementTimeout,
} from "./statement-errors.ts";

/** The fields of pg's DatabaseError that are read here. */
interface ServerError extends Error {
  readonly code: string;
  readonly table?: string;
  readonly constraint?: string;
  readonly where?: string;
}

/** Codes of Node's network errors that mean "not there now". */
const NETWORK_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** What pg says, without a code, when the connection is gone (pg 8.23, lib/client.js and pg-pool). */
const CONNECTION_LOST =
  /^(Connection terminated|timeout expired|Client has encountered a connection error|Client was closed|Connection ended)/;

/**
 * Turns an error of `pg` into a TidegateError; returns a TidegateError and an error that is none of pg's unchanged.
 *
 * `address` (host:port/database, never a URL with a password) makes the sentence say which server.
 * SQLSTATEs: PostgreSQL documentation, Appendix A.
 */
export function mapPostgresError(thrown: unknown, address?: string): Error {
  if (thrown instanceof TidegateError) return thrown;
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  if (isServerError(thrown)) return mapSqlState(thrown, address);
  if (isNetworkError(thrown)) {
    const reason = thrown.message === "" ? thrown.code : thrown.message;
    return new PostgresUnreachable({ address, reason, cause: thrown });
  }
  if (thrown.message === "timeout exceeded when trying to connect") {
    return new PostgresPoolExhausted({ address, cause: thrown });
  }
  if (thrown.message === "Query read timeout") {
    return new PostgresStatementTimeout({ reason: "the server did not answer in time", cause: thrown });
  }
  if (CONNECTION_LOST.test(thrown.message)) {
    return new PostgresUnreachable({ address, reason: lowerFirst(thrown.message), cause: thrown });
  }
  return thrown;
}

/** An error of a socket, anybody's: whether it is PostgreSQL's only the caller knows. */
export function isNetworkError(thrown: unknown): thrown is Error & { readonly code: string } {
  const code = thrown instanceof Error ? (thrown as { code?: unknown }).code : undefined;
  return typeof code === "string" && NETWORK_CODES.has(code);
}

/** The SQLSTATE of an error, or of the error that it was made from; undefined where there is none. */
export function sqlStateOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  return isServerError(thrown) ? thrown.code : sqlStateOf(thrown.cause);
}

function isServerError(error: Error): error is ServerError {
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return typeof severity === "string" && typeof code === "string" && /^[0-9A-Z]{5}$/.test(code);
}

function mapSqlState(error: ServerError, address: string | undefined): TidegateError {
  const facts = { address, reason: error.message, cause: error };
  const sqlState = error.code;
  switch (sqlState) {
    case "28000":
    case "28P01":
      return new PostgresLoginRefused(facts);
    case "3D000":
      return new PostgresDatabaseMissing(facts);
    case "53100":
      return new PostgresDiskFull({ where: address ?? "the server", reason: error.message, cause: error });
    case "53300":
      return new PostgresTooManyConnections(facts);
    case "40001":
    case "40P01":
      return new PostgresConflict({ sqlState, ...facts });
    case "55P03":
      return new PostgresLockTimeout(facts);
    case "57014":
      return new PostgresStatementTimeout(facts);
    case "25006":
      return new PostgresReadOnly(facts);
    case "42501":
      return new PostgresNotAllowed(facts);
    case "57P01": // admin_shutdown
    case "57P02": // crash_shutdown
    case "57P03": // cannot_connect_now: starting up, in recovery, shutting down
    case "57P05": // idle_session_timeout
    case "25P03": // idle_in_transaction_session_timeout
      return new PostgresUnreachable(facts);
    default:
      if (sqlState.startsWith("08")) return new PostgresUnreachable(facts);
      return new PostgresQueryFailed({
        sqlState,
        reason: error.message,
        table: error.table,
        constraint: error.constraint,
        where: error.where,
        cause: error,
      });
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
