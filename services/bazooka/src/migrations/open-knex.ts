// Knex on the user's database and migrations, under the lock of the run.
import { callbackify } from "node:util";
import type { Knex } from "knex";
import { systemClock, type Secret } from "@tidegate/kernel";
import type { MigrationLease } from "./migration-lock.ts";
import { migrationSource, type SourceHooks } from "./migration-source.ts";
import { prepareSession, type RawConnection, type SessionLimits } from "./prepare-session.ts";

export interface KnexOptions extends SessionLimits {
  readonly url: Secret;
  readonly folder: string;
  readonly hooks: SourceHooks;
  readonly lease: MigrationLease;
}

const CONNECT_LIMIT_MS = 10_000;
/** What a connection that is closed in order takes, a hundred times over. */
const CLOSE_LIMIT_MS = 5_000;

/**
 * Gives what `work` gives. When the lease's signal aborts, the sessions are terminated at the server, no new one is opened, and it rejects with the
 * reason: whatever the migration's own code does then, it does not reach the database.
 */
export async function withKnex<T>(options: KnexOptions, work: (knex: Knex) => Promise<T>): Promise<T> {
  const { signal, end } = options.lease;
  const pids: number[] = [];
  const opened = await openKnex(options, (pid) => pids.push(pid));
  const stopped = Promise.withResolvers<never>();
  stopped.promise.catch(() => undefined);
  const stop = (): void => {
    const reason = signal.reason as Error;
    end(pids).then(
      () => stopped.reject(reason),
      () => stopped.reject(reason),
    );
  };
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const working = work(opened);
    working.catch(() => undefined);
    return await Promise.race([working, stopped.promise]);
  } catch (error) {
    // What fails because its sessions were ended is less telling than why.
    if (signal.aborted) await stopped.promise;
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    await closed(opened);
  }
}

/** Knex waits for every transaction to be given back; one of a migration that was stopped never is. */
async function closed(opened: Knex): Promise<void> {
  const limit = new AbortController();
  const tooLong = systemClock.sleep(CLOSE_LIMIT_MS, limit.signal).catch(() => undefined);
  try {
    await Promise.race([opened.destroy(), tooLong]);
  } finally {
    limit.abort();
  }
}

async function openKnex(options: KnexOptions, onSession: (pid: number) => void): Promise<Knex> {
  const { url, folder, hooks, lease } = options;
  const prepare = async (connection: RawConnection): Promise<RawConnection> => {
    onSession(connection.processID);
    try {
      lease.signal.throwIfAborted();
      await prepareSession(connection, options, lease.pid);
      return connection;
    } catch (error) {
      // Knex forgets a connection whose preparation failed, without closing it.
      await connection.end();
      throw error;
    }
  };
  // Loaded when something is migrated: sending orders does without its memory.
  const { default: knex } = await import("knex");
  return knex({
    client: "pg",
    connection: { connectionString: url.reveal(), application_name: "tidegate bazooka migrations" },
    acquireConnectionTimeout: CONNECT_LIMIT_MS,
    pool: {
      min: 0,
      max: 2,
      afterCreate: callbackify(prepare),
    },
    migrations: { migrationSource: migrationSource(folder, hooks) },
    log: { warn: ignore, error: ignore, debug: ignore, deprecate: ignore },
  });
}

/** Libraries never print; what fails is thrown. */
const ignore = (): void => undefined;
