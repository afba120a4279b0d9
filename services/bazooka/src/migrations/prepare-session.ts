// What each of Knex's sessions begins with: limits on all that can wait or stay open, and its part in the holder's lock.
import { joinWorkSql } from "../database/database-lock.ts";

export interface SessionLimits {
  /** Longest wait of a statement for a lock, but for the concurrent ones. */
  readonly lockTimeoutMs: number;
  /** Longest time that a session may be silent, within a transaction or without. */
  readonly sessionLimitMs: number;
  /** Longest run of one statement. */
  readonly statementLimitMs: number;
}

/** Of pg's Client, what is used here. */
export interface RawConnection {
  readonly processID: number;
  query: (config: unknown, done?: Done) => unknown;
  readonly end: () => Promise<void>;
}

type Done = (error: Error | null, result?: { readonly rows: ReadonlyArray<Record<string, unknown>> }) => void;

/** Rejects when the holder's session is gone. The session ends within a second of our death, also in the middle of a long statement. */
export async function prepareSession(
  connection: RawConnection,
  { lockTimeoutMs, sessionLimitMs, statementLimitMs }: SessionLimits,
  holderPid: number,
): Promise<void> {
  await run(
    connection,
    `SET lock_timeout = ${lockTimeoutMs}; SET statement_timeout = ${statementLimitMs}; SET client_connection_check_interval = '1s';
     SET idle_session_timeout = ${sessionLimitMs}; SET idle_in_transaction_session_timeout = ${sessionLimitMs}`,
  );
  const rows = await run(connection, joinWorkSql(holderPid));
  if (rows[0]?.["joined"] !== true) throw new Error("the session that holds the migration lock is gone");
  liftForConcurrent(connection, lockTimeoutMs);
}

/** CREATE, DROP and REINDEX … CONCURRENTLY. */
const CONCURRENT = /\b(?:create|drop|reindex)\b[^;]*\bconcurrently\b/i;

/**
 * A concurrent build waits for every transaction that is older, without holding anybody up: no limit but the statement's. With lock_timeout an
 * unrelated open transaction would throw hours of building away.
 */
function liftForConcurrent(connection: RawConnection, lockTimeoutMs: number): void {
  const query = connection.query.bind(connection);
  connection.query = (config, done) => {
    const text = typeof config === "string" ? config : (config as { readonly text?: unknown }).text;
    if (done === undefined || typeof text !== "string" || !CONCURRENT.test(text)) return query(config, done);
    const restored: Done = (error, result) =>
      void query(`SET lock_timeout = ${lockTimeoutMs}`, (failed) => done(error ?? failed, result));
    return query("SET lock_timeout = 0", (failed) => {
      if (failed === null || failed === undefined) query(config, restored);
      else done(failed);
    });
  };
}

async function run(connection: RawConnection, text: string): Promise<ReadonlyArray<Record<string, unknown>>> {
  return new Promise((resolve, reject) => {
    connection.query(text, (error, result) => (error ? reject(error) : resolve(result?.rows ?? [])));
  });
}
