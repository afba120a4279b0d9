// The migration runner: numbered SQL files, each in one transaction, one runner at a time.
import { TidegateError } from "@tidegate/kernel";
import type { Pool, PoolClient } from "../connection/create-pool.ts";
import { withTransaction } from "../connection/with-transaction.ts";
import { mapPostgresError } from "../errors/map-postgres-error.ts";
import { MigrationEndsTransaction, MigrationFailed, MigrationLockHeld } from "../errors/migration-errors.ts";
import { PostgresLockTimeout } from "../errors/statement-errors.ts";
import { choosePending } from "./choose-pending.ts";
import {
  appliedMigrations,
  createMigrationTable,
  lockMigrations,
  migrationLockHolder,
  recordMigration,
} from "./migration-table.ts";
import { readMigrationFiles, type MigrationFile } from "./read-migration-files.ts";

export interface MigrationInput {
  readonly pool: Pool;
  /** Holds 0001_name.sql, 0002_name.sql, … */
  readonly directory: string;
  /** Whose numbering this is: several owners share a database. */
  readonly owner: string;
}

export interface MigrateOptions extends MigrationInput {
  /** Longest wait for the migration lock, and for any lock that a migration's statements take. Default 30,000. */
  readonly lockTimeoutMs?: number;
  /** Longest run of one migration. Default one hour. */
  readonly statementTimeoutMs?: number;
  readonly onEvent?: (event: MigrationEvent) => void;
  /** Runs in the transaction of each migration, before its file; what it throws undoes and ends it. Default nothing. */
  readonly guard?: (client: PoolClient) => Promise<void>;
}

export interface MigrationEvent {
  readonly code: "migration.applying" | "migration.applied";
  readonly message: string;
  readonly owner: string;
  readonly number: number;
  readonly name: string;
}

export type Migration = Pick<MigrationFile, "number" | "name" | "fileName">;

/**
 * Applies what is pending and returns what it applied, in order.
 *
 * For each migration, in one transaction: take the lock, compare files and table, run the file, record it. So nothing has to
 * be held between migrations, two runners may take turns, and a kill at any moment leaves whole migrations only.
 *
 * Throws MigrationFilesInvalid, MigrationChanged, MigrationDatabaseNewer, MigrationLockHeld, MigrationFailed,
 * MigrationEndsTransaction. A file runs in a transaction: CREATE INDEX CONCURRENTLY and the like cannot stand in one.
 */
export async function migrate(options: MigrateOptions): Promise<readonly Migration[]> {
  const files = await readMigrationFiles(options.directory);
  const applied: Migration[] = [];
  for (;;) {
    const done = await applyNext(options, files);
    if (done === undefined) return applied;
    applied.push({ number: done.number, name: done.name, fileName: done.fileName });
  }
}

/** What `migrate` would apply, without changing anything or waiting for a lock. Throws as it does for what does not agree. */
export async function pendingMigrations(input: MigrationInput): Promise<readonly Migration[]> {
  const files = await readMigrationFiles(input.directory);
  const pending = choosePending(input.owner, files, await appliedMigrations(input.pool, input.owner));
  return pending.map(({ number, name, fileName }) => ({ number, name, fileName }));
}

async function applyNext(options: MigrateOptions, files: readonly MigrationFile[]): Promise<MigrationFile | undefined> {
  const lockTimeoutMs = options.lockTimeoutMs ?? 30_000;
  let isLocked = false;
  try {
    return await withTransaction(options.pool, async (client) => {
      await client.query(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
      await lockMigrations(client);
      isLocked = true;
      await createMigrationTable(client);
      const [next] = choosePending(options.owner, files, await appliedMigrations(client, options.owner));
      if (next === undefined) return undefined;
      notify(options, "migration.applying", next);
      await options.guard?.(client);
      await runFile(client, options, next);
      await recordMigration(client, options.owner, next);
      notify(options, "migration.applied", next);
      return next;
    });
  } catch (error) {
    if (isLocked || !(error instanceof PostgresLockTimeout)) throw error;
    const holder = await migrationLockHolder(options.pool);
    throw new MigrationLockHeld({ owner: options.owner, lockTimeoutMs, holder, cause: error });
  }
}

async function runFile(client: PoolClient, options: MigrateOptions, file: MigrationFile): Promise<void> {
  const statementTimeoutMs = options.statementTimeoutMs ?? 3_600_000;
  const transaction = "SELECT pg_current_xact_id()::text AS id";
  const before = await client.query<{ id: string }>(transaction);
  await client.query(`SET LOCAL statement_timeout = ${statementTimeoutMs}`);
  // Otherwise the server goes on, and holds the lock, until the statement of a killed runner ends.
  await client.query("SET LOCAL client_connection_check_interval = '1s'");
  try {
    // pg takes query_timeout per query, over that of the pool; its type declarations do not say so.
    const query = { text: file.sql, query_timeout: statementTimeoutMs + 5_000 };
    await client.query(query);
  } catch (thrown) {
    const cause = mapPostgresError(thrown);
    const reason = cause instanceof TidegateError ? cause.message : `${cause.message}.`;
    throw new MigrationFailed({ owner: options.owner, file: file.fileName, reason, cause });
  }
  const after = await client.query<{ id: string }>(transaction);
  if (after.rows[0]?.id !== before.rows[0]?.id) {
    throw new MigrationEndsTransaction({ owner: options.owner, file: file.fileName });
  }
}

function notify(options: MigrateOptions, code: MigrationEvent["code"], file: MigrationFile): void {
  const { number, name } = file;
  const verb = code === "migration.applying" ? "Applying" : "Applied";
  options.onEvent?.({
    code,
    message: `${verb} ${file.fileName} of ${options.owner}`,
    owner: options.owner,
    number,
    name,
  });
}
