// One migrates at a time: under the lock of the database; a row says who it is and since when; and Knex's own flag keeps plain `knex` out, and is
// freed by us only when it was ours.
import { hostname } from "node:os";
import { systemClock, type Secret } from "@tidegate/kernel";
import {
  endSessions,
  queryRows,
  withTransaction,
  type Pool,
  type PoolClient,
  type Queryable,
} from "@tidegate/postgres";
import { takeDatabaseLock } from "../database/database-lock.ts";
import { readApplied, recordApplied } from "../database/effects.ts";
import { readHolder, type MigrationHolder } from "../database/holder.ts";
import { ensureOwnSchema } from "../database/own-schema.ts";
import { MigrationLockLost, MigrationsLocked } from "../errors.ts";
import { FREE_OUR_FLAG, readKnexFlag } from "./knex-flag.ts";
import { readCompleted } from "./read-migrations.ts";

export interface LockFacts {
  readonly runId: string;
  readonly idempotencyKey: string;
  readonly address: string;
  readonly url: Secret;
  readonly signal: AbortSignal;
  /** How long the holder may be silent (frozen, or cut off) until the server ends its session. */
  readonly sessionLimitMs: number;
}

export interface MigrationLease {
  /** Reads and writes beside the migration; one statement at a time. */
  readonly client: Queryable;
  /** The process id of the session that holds the lock. */
  readonly pid: number;
  /** Aborted when the step is stopped, and with MigrationLockLost when the session is. */
  readonly signal: AbortSignal;
  /** Left by one that was killed in the middle. */
  readonly interrupted: MigrationHolder | undefined;
  /** Records what is about to happen outside a transaction; null when it is over. */
  readonly mark: (migration: string | null, indexes: readonly string[] | null) => Promise<void>;
  /** Terminates sessions and waits until they are gone. */
  readonly end: (pids: readonly number[]) => Promise<void>;
}

export interface LockedWork<T> {
  readonly perform: (lease: MigrationLease) => Promise<void>;
  /** What was done in all, read when it is done; plain JSON. */
  readonly result: (client: Queryable, batchBefore: number) => Promise<T>;
}

/**
 * Gives the result that is recorded under the key, when this was done before. Throws DatabaseBusy after 30 s beside another run, MigrationsLocked
 * at once when Knex's flag is somebody else's, MigrationLockLost.
 */
export async function withMigrationLock<T>(pool: Pool, facts: LockFacts, work: LockedWork<T>): Promise<T> {
  await withTransaction(pool, ensureOwnSchema);
  const session = await pool.connect();
  const over = new AbortController();
  const lost = new AbortController();
  const lose = (cause?: unknown): void => lost.abort(new MigrationLockLost({ address: facts.address, cause }));
  session.on("error", lose);
  session.on("end", () => lose());
  const client = oneAtATime(session);
  try {
    await queryRows(
      client,
      `SET client_connection_check_interval = '1s'; SET idle_session_timeout = ${facts.sessionLimitMs}`,
    );
    await takeDatabaseLock(client, facts);
    void stayAwake(client, { everyMs: facts.sessionLimitMs / 4, signal: over.signal, lose });
    const applied = await readApplied(client, facts.idempotencyKey);
    // Recorded under this step's own key.
    if (applied !== undefined) return applied.result as T;
    const interrupted = await readHolder(client);
    await freeKnexFlag(client, facts.address);
    const batchBefore = await recordHolder(client, facts.runId);
    try {
      await work.perform({
        client,
        pid: await pidOf(client),
        signal: AbortSignal.any([facts.signal, lost.signal]),
        interrupted,
        mark: async (migration, indexes) => {
          await queryRows(client, "UPDATE tidegate_bazooka.migrating SET migration = $1, indexes_before = $2", [
            migration,
            indexes,
          ]);
        },
        end: async (pids) => endSessions(facts.url, pids, lost.signal.aborted ? undefined : client),
      });
      return await finish(client, facts, async () => work.result(client, batchBefore));
    } catch (error) {
      // The mark stays: a bare migration that failed half-way is cleaned up by the next run. What is not given back is found as after a kill.
      if (!lost.signal.aborted) await giveBack(client).catch(lose);
      throw error;
    }
  } finally {
    over.abort();
    // Closing the session frees the lock.
    session.release(true);
  }
}

/** pg's own queue of statements on one connection is to go; the holder's pings and reads take turns. */
function oneAtATime(session: PoolClient): Queryable {
  let last: Promise<unknown> = Promise.resolve();
  const query = async (text: string, values: unknown[]): Promise<unknown> => {
    const next = last.then(async () => session.query(text, values));
    last = next.catch(() => undefined);
    return next;
  };
  // The overloads of pg's `query` that queryRows does not use are left out.
  return { query } as unknown as Queryable;
}

/** A holder that is frozen does not ping; its session is ended by the server. One that gets no answer must not believe that it holds the lock. */
async function stayAwake(
  client: Queryable,
  options: { readonly everyMs: number; readonly signal: AbortSignal; readonly lose: (cause: unknown) => void },
): Promise<void> {
  const { everyMs, signal, lose } = options;
  const ping = { text: "SELECT", query_timeout: everyMs };
  try {
    for (;;) {
      await systemClock.sleep(everyMs, signal);
      await client.query(ping as unknown as string);
    }
  } catch (error) {
    if (!signal.aborted) lose(error);
  }
}

async function pidOf(client: Queryable): Promise<number> {
  const [row] = await queryRows<{ pid: number }>(client, "SELECT pg_backend_pid() AS pid");
  return row?.pid ?? 0;
}

/** Gives the last batch before this run began: before it was killed, when it is one that goes on. */
async function recordHolder(client: Queryable, runId: string): Promise<number> {
  const [row] = await queryRows<{ batchBefore: number }>(
    client,
    `INSERT INTO tidegate_bazooka.migrating AS held (run_id, host, pid, batch_before) VALUES ($1, $2, $3, $4)
     ON CONFLICT (one) DO UPDATE SET run_id = excluded.run_id, host = excluded.host, pid = excluded.pid, since = now(), is_held = true,
       batch_before = CASE WHEN held.run_id = excluded.run_id THEN held.batch_before ELSE excluded.batch_before END
     RETURNING batch_before AS "batchBefore"`,
    [runId, hostname(), process.pid, (await readCompleted(client)).at(-1)?.batch ?? 0],
  );
  return row?.batchBefore ?? 0;
}

/** In one transaction: the result is recorded exactly when the mark of the holder goes. */
async function finish<T>(
  client: Queryable,
  { idempotencyKey, runId }: LockFacts,
  result: () => Promise<T>,
): Promise<T> {
  await queryRows(client, "BEGIN");
  try {
    await joinBatches(client);
    const given = await result();
    await recordApplied(client, { idempotencyKey, runId }, given);
    await queryRows(client, "DELETE FROM tidegate_bazooka.migrating");
    await queryRows(client, "COMMIT");
    return given;
  } catch (error) {
    await queryRows(client, "ROLLBACK");
    throw error;
  }
}

/** What a run did before it was killed and after is one batch, as it would have been: a rollback takes back all of it. */
async function joinBatches(client: Queryable): Promise<void> {
  if ((await readCompleted(client)).length === 0) return;
  await queryRows(
    client,
    `UPDATE knex_migrations SET batch = held.batch_before + 1 FROM tidegate_bazooka.migrating held
      WHERE batch > held.batch_before + 1`,
  );
}

/** Where Knex could not free its flag because its sessions were ended, we do. */
async function giveBack(client: Queryable): Promise<void> {
  if ((await readKnexFlag(client)).isOurs) await queryRows(client, FREE_OUR_FLAG);
  await queryRows(client, "UPDATE tidegate_bazooka.migrating SET is_held = false");
}

/** The flag of a killed run of ours is freed; anybody else's is respected: plain Knex leaves no name. */
async function freeKnexFlag(client: Queryable, address: string): Promise<void> {
  const { isSet, isOurs } = await readKnexFlag(client);
  if (!isSet) return;
  if (!isOurs) {
    throw new MigrationsLocked({ address, holder: "Knex's own lock is set, by a program that leaves no name or time" });
  }
  await queryRows(client, FREE_OUR_FLAG);
}
