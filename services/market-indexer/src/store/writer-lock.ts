// One writer for a database: a session advisory lock on a connection of its own.
import { systemClock, type Clock, type Secret } from "@tidegate/kernel";
import { createPool, mapPostgresError, queryRows, type PoolClient } from "@tidegate/postgres";
import { SERVICE_NAME, WRITER_LOCK_KEY } from "../constants.ts";
import { IndexerAlreadyRunning } from "../errors.ts";

export interface WriterLock {
  /**
   * Takes the lock, or takes it again when its connection was lost; throws IndexerAlreadyRunning when another holds it for longer
   * than the wait. The lock keeps two indexers from working for nothing; that they cannot spoil the tables, `last_block` sees to.
   */
  ensureHeld(signal?: AbortSignal): Promise<void>;
  release(): Promise<void>;
}

export interface WriterLockOptions {
  /** A direct connection: a transaction-mode pooler would give the lock to somebody else. */
  readonly url: Secret;
  /** A killed process' session lives for a moment longer. Default 10,000. */
  readonly waitMs?: number;
  readonly clock?: Clock;
}

const TRY_AGAIN_MS = 200;

export function createWriterLock(options: WriterLockOptions): WriterLock {
  const clock = options.clock ?? systemClock;
  const pool = createPool({
    url: options.url,
    max: 1,
    applicationName: `${SERVICE_NAME} ${process.pid} writer lock`,
    statementTimeoutMs: 10_000,
  });
  let held: Session | undefined;
  const open = async (): Promise<Session> => {
    const client = await pool.connect().catch((error: unknown) => {
      throw mapPostgresError(error);
    });
    let isClosed = false;
    const close = (): void => {
      if (isClosed) return;
      isClosed = true;
      if (held?.client === client) held = undefined;
      client.release(true);
    };
    // The listener stays: a connection that is being closed may still complain.
    client.on("error", close);
    return { client, close };
  };
  return {
    ensureHeld: async (signal) => {
      if (held !== undefined) return;
      const session = await open();
      try {
        await acquire(session.client, { waitMs: options.waitMs ?? 10_000, clock, signal });
        held = session;
      } catch (error) {
        session.close();
        throw error;
      }
    },
    release: async () => {
      held?.close();
      await pool.end();
    },
  };
}

/** Closing the session gives the lock back. */
interface Session {
  readonly client: PoolClient;
  readonly close: () => void;
}

async function acquire(
  client: PoolClient,
  wait: { readonly waitMs: number; readonly clock: Clock; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const start = wait.clock.monotonicMs();
  for (;;) {
    const [row] = await queryRows<{ got: boolean }>(client, "select pg_try_advisory_lock($1) as got", [
      WRITER_LOCK_KEY,
    ]);
    if (row?.got === true) return;
    if (wait.clock.monotonicMs() - start >= wait.waitMs) {
      throw new IndexerAlreadyRunning({ holder: await findHolder(client), waitedMs: wait.waitMs });
    }
    await wait.clock.sleep(TRY_AGAIN_MS, wait.signal);
  }
}

interface Holder {
  readonly application: string;
  readonly pid: number;
  readonly since: Date;
}

/** pg_locks shows a bigint key as its two halves. */
async function findHolder(client: PoolClient): Promise<Holder | undefined> {
  const [holder] = await queryRows<Holder>(
    client,
    `select holder.application_name as application, holder.pid, holder.backend_start as since
     from pg_locks held join pg_stat_activity holder on holder.pid = held.pid
     where held.locktype = 'advisory' and held.granted and held.objsubid = 1
       and held.database = (select oid from pg_database where datname = current_database())
       and held.classid = ($1::bigint >> 32)::oid and held.objid = ($1::bigint & 4294967295)::oid`,
    [WRITER_LOCK_KEY],
  );
  return holder;
}
