// One migrates at a time. A session advisory lock that dies with its holder says who is alive; a row says who it was and since when;
// and Knex's own flag keeps plain `knex` out, and is freed by us only when it was ours.
import { hostname } from "node:os";
import { systemClock, waitUntil, TimedOut } from "@tidegate/kernel";
import { queryRows, withTransaction, type Pool, type PoolClient } from "@tidegate/postgres";
import { ensureOwnSchema } from "../database/own-schema.ts";
import { MigrationsLocked } from "../errors.ts";
import { readCompleted } from "./read-migrations.ts";

/** Longest wait for another who migrates: the backend of a killed one notices within a second. */
const WAIT_MS = 30_000;

const KEY = "hashtextextended('tidegate_bazooka.migrating', 0)";

export interface MigrationHolder {
  readonly runId: string;
  readonly host: string;
  readonly pid: number;
  readonly since: Date;
  /** Not ended in order: at work, or killed. */
  readonly isHeld: boolean;
  /** The one outside a transaction that was under way. */
  readonly migration: string | null;
  /** `schema.name` of every index that there was before it. */
  readonly indexesBefore: readonly string[] | null;
}

/** The holder that was recorded last, whether or not it lives; undefined when the last one ended in order and left nothing to clean up. */
export async function readHolder(pool: Pool): Promise<MigrationHolder | undefined> {
  const [there] = await queryRows<{ there: boolean }>(
    pool,
    "SELECT to_regclass('tidegate_bazooka.migrating') IS NOT NULL AS there",
  );
  if (there?.there !== true) return undefined;
  const [row] = await queryRows<MigrationHolder>(
    pool,
    `SELECT run_id AS "runId", host, pid, since, is_held AS "isHeld", migration, indexes_before AS "indexesBefore" FROM tidegate_bazooka.migrating`,
  );
  return row;
}

export interface MigrationLease {
  /** Left by one that was killed in the middle. */
  readonly interrupted: MigrationHolder | undefined;
  /** What is marked as under way now. */
  readonly interruptedNow: () => Promise<MigrationHolder | undefined>;
  /** Records what is about to happen outside a transaction; null when it is over. */
  readonly mark: (migration: string | null, indexes: readonly string[] | null) => Promise<void>;
}

/** Throws MigrationsLocked, at once when Knex's flag is somebody else's, after 30 s when another run of ours holds the lock. */
export async function withMigrationLock<T>(
  pool: Pool,
  { runId, address, signal }: { readonly runId: string; readonly address: string; readonly signal: AbortSignal },
  work: (lease: MigrationLease) => Promise<T>,
): Promise<T> {
  await withTransaction(pool, ensureOwnSchema);
  const client = await pool.connect();
  let isLost = false;
  client.on("error", () => {
    isLost = true;
  });
  try {
    await queryRows(client, "SET client_connection_check_interval = '1s'");
    await take(client, pool, { address, signal });
    const interrupted = await readHolder(pool);
    await freeKnexFlag(client, address, interrupted);
    await queryRows(
      client,
      `INSERT INTO tidegate_bazooka.migrating AS held (run_id, host, pid, batch_before) VALUES ($1, $2, $3, $4)
       ON CONFLICT (one) DO UPDATE SET run_id = excluded.run_id, host = excluded.host, pid = excluded.pid, since = now(), is_held = true,
         batch_before = CASE WHEN held.run_id = excluded.run_id THEN held.batch_before ELSE excluded.batch_before END`,
      [runId, hostname(), process.pid, (await readCompleted(client)).at(-1)?.batch ?? 0],
    );
    const mark: MigrationLease["mark"] = async (migration, indexes) => {
      await queryRows(client, "UPDATE tidegate_bazooka.migrating SET migration = $1, indexes_before = $2", [
        migration,
        indexes,
      ]);
    };
    try {
      const result = await work({ interrupted, interruptedNow: async () => readHolder(pool), mark });
      await joinBatches(client);
      await queryRows(client, "DELETE FROM tidegate_bazooka.migrating");
      return result;
    } catch (error) {
      // The mark stays: a bare migration that failed half-way is cleaned up by the next run.
      if (!isLost) await queryRows(client, "UPDATE tidegate_bazooka.migrating SET is_held = false");
      throw error;
    }
  } finally {
    // Closing the session frees the lock.
    client.release(true);
  }
}

/** What a run did before it was killed and after is one batch, as it would have been: a rollback takes back all of it. */
async function joinBatches(client: PoolClient): Promise<void> {
  if ((await readCompleted(client)).length === 0) return;
  await queryRows(
    client,
    `UPDATE knex_migrations SET batch = held.batch_before + 1 FROM tidegate_bazooka.migrating held
      WHERE batch > held.batch_before + 1`,
  );
}

async function take(
  client: PoolClient,
  pool: Pool,
  { address, signal }: { readonly address: string; readonly signal: AbortSignal },
): Promise<void> {
  const tryOnce = async (): Promise<true | undefined> => {
    const [row] = await queryRows<{ taken: boolean }>(client, `SELECT pg_try_advisory_lock(${KEY}) AS taken`);
    return row?.taken === true ? true : undefined;
  };
  try {
    await waitUntil(tryOnce, {
      what: "The migration lock being free",
      limitMs: WAIT_MS,
      everyMs: 100,
      remedy: "",
      signal,
      clock: systemClock,
    });
  } catch (error) {
    if (!(error instanceof TimedOut)) throw error;
    const holder = await readHolder(pool);
    throw new MigrationsLocked({ address, holder: describeHolder(holder) });
  }
}

export function describeHolder(holder: MigrationHolder | undefined): string {
  if (holder === undefined) return "by a session that left no name";
  return `by run ${holder.runId} on ${holder.host} (pid ${holder.pid}), since ${holder.since.toISOString()}`;
}

/** The flag of a killed run of ours is freed; anybody else's is respected: plain Knex leaves no name. */
async function freeKnexFlag(
  client: PoolClient,
  address: string,
  interrupted: MigrationHolder | undefined,
): Promise<void> {
  if (!(await isKnexFlagSet(client))) return;
  if (interrupted?.isHeld !== true) {
    throw new MigrationsLocked({ address, holder: "Knex's own lock is set, by a program that leaves no name or time" });
  }
  await queryRows(client, "UPDATE knex_migrations_lock SET is_locked = 0");
}

export async function isKnexFlagSet(client: PoolClient | Pool): Promise<boolean> {
  const [there] = await queryRows<{ there: boolean }>(
    client,
    "SELECT to_regclass('knex_migrations_lock') IS NOT NULL AS there",
  );
  if (there?.there !== true) return false;
  const [row] = await queryRows<{ locked: boolean }>(
    client,
    "SELECT coalesce(bool_or(is_locked = 1), false) AS locked FROM knex_migrations_lock",
  );
  return row?.locked === true;
}

export interface Unlocked {
  /** Whether there was anything to free. */
  readonly wasLocked: boolean;
}

/** Frees what nobody holds any more. Throws MigrationsLocked when a session of ours is at work. */
export async function unlockMigrations(pool: Pool, address: string): Promise<Unlocked> {
  return withTransaction(pool, async (client) => {
    const [row] = await queryRows<{ taken: boolean }>(client, `SELECT pg_try_advisory_xact_lock(${KEY}) AS taken`);
    if (row?.taken !== true)
      throw new MigrationsLocked({ address, holder: `${describeHolder(await readHolder(pool))}, which is at work` });
    const wasLocked = await isKnexFlagSet(client);
    if (wasLocked) await queryRows(client, "UPDATE knex_migrations_lock SET is_locked = 0");
    return { wasLocked };
  });
}
