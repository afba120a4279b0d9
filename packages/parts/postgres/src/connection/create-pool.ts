// A pool of connections with limits on everything that can wait.
import type { Secret } from "@tidegate/kernel";
import { Pool as PgPool, type PoolClient as PgPoolClient } from "pg";
import { mapPostgresError, sqlStateOf } from "../errors/map-postgres-error.ts";
import { serverAddress } from "./server-address.ts";
import { typeParsers } from "./type-parsers.ts";

export type Pool = PgPool;
export type PoolClient = PgPoolClient;

/** What happens in a pool without anybody having asked for it. */
export interface PoolEvent {
  readonly code: "postgres.idle-connection-lost";
  readonly message: string;
  readonly error: Error;
}

export interface PoolOptions {
  readonly url: Secret;
  /** Connections at most. Default 10. */
  readonly max?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Longest wait for a connection, new or free. Default 10,000. */
  readonly connectionTimeoutMs?: number;
  /** Longest run of one statement, enforced by the server; 0 for none. Default 60,000. */
  readonly statementTimeoutMs?: number;
  /** Longest wait for one lock; 0 for none. Default none. */
  readonly lockTimeoutMs?: number;
  /** Longest time that a transaction may stay open without a statement; 0 for none. Default 60,000. */
  readonly idleInTransactionTimeoutMs?: number;
  /** A connection unused for this long is closed. Default 30,000. */
  readonly idleTimeoutMs?: number;
  /** Told about connections lost while idle; the pool replaces them by itself. */
  readonly onEvent?: (event: PoolEvent) => void;
}

/**
 * What a killed process had begun ends within a second, and its locks are free; that of a host which vanished, in twenty.
 * Left alone, the server sees neither before the statement has ended by itself.
 */
const ENDS_WITH_ITS_CLIENT = `SET client_connection_check_interval = '1s'; SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 2`;

async function endWithItsClient(client: Pick<PgPoolClient, "query">): Promise<void> {
  try {
    await client.query(ENDS_WITH_ITS_CLIENT);
  } catch (error) {
    // A server on an operating system that cannot watch sockets (Windows) refuses the first of them; all else works.
    if (sqlStateOf(error) !== INVALID_PARAMETER) throw error;
  }
}

const INVALID_PARAMETER = "22023";

/** How much longer than the server we wait for the end of a statement, before we call the connection dead. */
const ANSWER_GRACE_MS = 5_000;

/**
 * Creates a `pg` pool. It connects on first use; `pool.end()` closes it.
 *
 * int8 comes back as bigint, numeric as a decimal string, bytea as Buffer. Errors are pg's own: see `mapPostgresError`,
 * `queryRows` and `withTransaction`, which map them.
 */
export function createPool(options: PoolOptions): Pool {
  const statementTimeoutMs = options.statementTimeoutMs ?? 60_000;
  const pool = new PgPool({
    connectionString: options.url.reveal(),
    max: options.max ?? 10,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.connectionTimeoutMs ?? 10_000,
    statement_timeout: statementTimeoutMs,
    lock_timeout: options.lockTimeoutMs ?? 0,
    idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 60_000,
    idleTimeoutMillis: options.idleTimeoutMs ?? 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: typeParsers,
    // pg waits for it (pg-pool 3.14, index.js), whatever its types say.
    onConnect: endWithItsClient as unknown as (client: unknown) => void,
    // A server that vanished without a word never sends its own timeout.
    ...(statementTimeoutMs === 0 ? {} : { query_timeout: statementTimeoutMs + ANSWER_GRACE_MS }),
  });
  // The URL carries the password; a pool that is inspected or logged must not show it.
  Object.defineProperty(pool.options, "connectionString", { enumerable: false });
  addresses.set(pool, serverAddress(options.url));
  // Without a listener, the loss of an idle connection would end the process.
  pool.on("error", (error) => {
    options.onEvent?.({
      code: "postgres.idle-connection-lost",
      message: "An idle connection to PostgreSQL was lost; the pool opens a new one when needed.",
      error: mapPostgresError(error, serverAddress(options.url)),
    });
  });
  return pool;
}

const addresses = new WeakMap<Pool, string>();

/** host:port/database of a pool that `createPool` made, for messages. */
export function poolAddress(pool: Pool): string | undefined {
  return addresses.get(pool);
}
