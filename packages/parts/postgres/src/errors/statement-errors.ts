// What PostgreSQL can answer to a statement, sorted by what the caller can do about it.
import { EXIT, TidegateError } from "@tidegate/kernel";

/** Two transactions met; one was chosen to fail and may simply run again (SQLSTATE 40001, 40P01). */
export class PostgresConflict extends TidegateError {
  override readonly name = "PostgresConflict";
  constructor(facts: { sqlState: string; reason: string; cause?: unknown }) {
    super({
      code: "postgres.conflict",
      message: `The transaction lost against another one: ${facts.reason}. It was rolled back as a whole.`,
      remedy: "Run the whole transaction again.",
      details: { sqlState: facts.sqlState },
      cause: facts.cause,
      retry: "now",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** A lock was held for longer than lock_timeout (SQLSTATE 55P03). */
export class PostgresLockTimeout extends TidegateError {
  override readonly name = "PostgresLockTimeout";
  constructor(facts: { reason: string; cause?: unknown }) {
    super({
      code: "postgres.lock-timeout",
      message: `A lock was not granted in time: ${facts.reason}. The transaction was rolled back.`,
      remedy: "Find the holder in pg_locks and pg_stat_activity, wait for it or end it, then try again.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** The statement took longer than its limit, on the server (SQLSTATE 57014) or as seen from here. */
export class PostgresStatementTimeout extends TidegateError {
  override readonly name = "PostgresStatementTimeout";
  constructor(facts: { reason: string; cause?: unknown }) {
    super({
      code: "postgres.statement-timeout",
      message: `A statement was cancelled: ${facts.reason}. Its transaction was rolled back.`,
      remedy: "Try again; if it comes back, look at the statement's plan or raise the statement timeout.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** The server takes no writes: a standby, or a writer that was demoted a moment ago (SQLSTATE 25006). */
export class PostgresReadOnly extends TidegateError {
  override readonly name = "PostgresReadOnly";
  constructor(facts: { reason: string; cause?: unknown }) {
    super({
      code: "postgres.read-only",
      message: `PostgreSQL takes no writes: ${facts.reason}. Nothing was changed.`,
      remedy: "Wait for the failover to end, or set DATABASE_URL to the writer.",
      cause: facts.cause,
      retry: "later",
      blame: "dependency",
      exit: EXIT.tryAgain,
    });
  }
}

/** The role lacks a privilege (SQLSTATE 42501). */
export class PostgresNotAllowed extends TidegateError {
  override readonly name = "PostgresNotAllowed";
  constructor(facts: { reason: string; cause?: unknown }) {
    super({
      code: "postgres.not-allowed",
      message: `PostgreSQL did not allow it: ${facts.reason}. Nothing was changed.`,
      remedy: "Grant the privilege to the role of DATABASE_URL, or use a role that has it.",
      cause: facts.cause,
      blame: "user",
      exit: EXIT.notAllowed,
    });
  }
}

/** Any other answer with an SQLSTATE: a violated constraint, a missing table, a bad value, a mistake of ours. */
export class PostgresQueryFailed extends TidegateError {
  override readonly name = "PostgresQueryFailed";
  readonly sqlState: string;
  constructor(facts: {
    sqlState: string;
    reason: string;
    table?: string | undefined;
    constraint?: string | undefined;
    where?: string | undefined;
    cause?: unknown;
  }) {
    super({
      code: "postgres.query-failed",
      message: `PostgreSQL refused a statement (SQLSTATE ${facts.sqlState}): ${facts.reason}. Its transaction was rolled back.`,
      remedy: "Look the SQLSTATE up in PostgreSQL's Appendix A; the cause carries the server's own detail and hint.",
      details: {
        sqlState: facts.sqlState,
        table: facts.table,
        constraint: facts.constraint,
        where: facts.where,
      },
      cause: facts.cause,
    });
    this.sqlState = facts.sqlState;
  }
}
