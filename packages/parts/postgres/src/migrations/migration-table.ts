// tidegate_migrations: one row for each migration applied, of every owner that shares the database.
import { queryRows, type Queryable } from "../connection/query-rows.ts";
import type { LockHolder } from "../errors/migration-errors.ts";
import type { AppliedMigration } from "./choose-pending.ts";
import type { MigrationFile } from "./read-migration-files.ts";

/** "tidegate" in ASCII: the key of the advisory lock that all runners of a database share. */
const LOCK_KEY = 0x7469_6465_6761_7465n;

/** Waits for the lock as long as lock_timeout says; it ends with the transaction. */
export async function lockMigrations(client: Queryable): Promise<void> {
  await queryRows(client, "SELECT pg_advisory_xact_lock($1)", [LOCK_KEY]);
}

/** Who holds the lock now; undefined when nobody does. */
export async function migrationLockHolder(source: Queryable): Promise<LockHolder | undefined> {
  const rows = await queryRows<{ pid: number; application_name: string; since: Date }>(
    source,
    `SELECT activity.pid, activity.application_name, coalesce(activity.xact_start, activity.backend_start) AS since
       FROM pg_locks AS held JOIN pg_stat_activity AS activity USING (pid)
      WHERE held.locktype = 'advisory' AND held.granted AND held.objsubid = 1
        AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (held.classid::bigint << 32) | held.objid::bigint = $1::bigint`,
    [LOCK_KEY],
  );
  const [row] = rows;
  return row === undefined ? undefined : { pid: row.pid, applicationName: row.application_name, since: row.since };
}

export async function createMigrationTable(client: Queryable): Promise<void> {
  await queryRows(
    client,
    `CREATE TABLE IF NOT EXISTS tidegate_migrations (
       owner text NOT NULL,
       number integer NOT NULL CHECK (number > 0),
       name text NOT NULL,
       checksum text NOT NULL,
       applied_at timestamptz NOT NULL DEFAULT now(),
       PRIMARY KEY (owner, number)
     )`,
  );
}

/** Empty when the table does not exist. */
export async function appliedMigrations(source: Queryable, owner: string): Promise<readonly AppliedMigration[]> {
  const [table] = await queryRows<{ exists: boolean }>(
    source,
    "SELECT to_regclass('tidegate_migrations') IS NOT NULL AS exists",
  );
  if (table?.exists !== true) return [];
  return queryRows<AppliedMigration>(
    source,
    "SELECT number, name, checksum FROM tidegate_migrations WHERE owner = $1 ORDER BY number",
    [owner],
  );
}

export async function recordMigration(client: Queryable, owner: string, file: MigrationFile): Promise<void> {
  await queryRows(client, "INSERT INTO tidegate_migrations (owner, number, name, checksum) VALUES ($1, $2, $3, $4)", [
    owner,
    file.number,
    file.name,
    file.checksum,
  ]);
}
