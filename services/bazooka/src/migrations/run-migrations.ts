// Migrates to the latest, or rolls one batch back: under the lock, with retries of what only waited for a lock in vain.
import type { Knex } from "knex";
import { describeError, retry, type Secret } from "@tidegate/kernel";
import { serverAddress, sqlStateOf, type Pool } from "@tidegate/postgres";
import { MigrationFailed, MigrationsLocked } from "../errors.ts";
import { cleanUpInterrupted, readIndexes } from "./interrupted-build.ts";
import { withMigrationLock, type MigrationLease } from "./migration-lock.ts";
import { openKnex } from "./open-knex.ts";
import { readCompleted } from "./read-migrations.ts";

export interface MigrateOptions {
  readonly pool: Pool;
  readonly url: Secret;
  readonly folder: string;
  readonly lockTimeoutMs: number;
  readonly runId: string;
  readonly signal: AbortSignal;
}

export interface Migrated {
  /** Names of what was done by this run, earlier tries of it included as far as they are known. */
  readonly names: readonly string[];
  /** Indexes of an interrupted concurrent build that were dropped first. */
  readonly droppedIndexes: readonly string[];
}

/** lock_not_available. Source: PostgreSQL documentation, "Error Codes". */
const LOCK_NOT_AVAILABLE = "55P03";
const LOCK_TRIES = { attempts: 5, baseMs: 500, maxMs: 5_000 };

/** One batch. Throws MigrationsLocked, MigrationFailed. */
export async function migrateToLatest(options: MigrateOptions): Promise<Migrated> {
  return work(options, "Migrating", async (knex) => {
    const [, names] = (await knex.migrate.latest()) as [number, string[]];
    return names;
  });
}

/** Takes back what is left of exactly this batch; harmless when it is gone already. Throws MigrationsLocked, MigrationFailed. */
export async function rollBackBatch(options: MigrateOptions, batch: number): Promise<Migrated> {
  return work(options, `Rolling batch ${batch} back`, async (knex) => {
    const last = (await readCompleted(options.pool)).at(-1);
    if (last?.batch !== batch) return [];
    const [, names] = (await knex.migrate.rollback()) as [number, string[]];
    return names;
  });
}

async function work(
  options: MigrateOptions,
  what: string,
  perform: (knex: Knex) => Promise<readonly string[]>,
): Promise<Migrated> {
  const { pool, runId, signal } = options;
  const address = serverAddress(options.url);
  return withMigrationLock(pool, { runId, address, signal }, async (lease) => {
    const droppedIndexes = [...(await cleanUpInterrupted(options, lease))];
    const knex = openKnex({ ...options, hooks: hooksOf(pool, lease) });
    try {
      const names = await retry(
        async (attempt) => {
          if (attempt > 1) {
            // A bare migration that timed out half-way has left its index invalid.
            const interrupted = await lease.interruptedNow();
            droppedIndexes.push(...(await cleanUpInterrupted(options, { ...lease, interrupted })));
          }
          return perform(knex).catch((error: unknown) => {
            throw failed(error, what, address);
          });
        },
        { ...LOCK_TRIES, signal, isRetryable: (error) => error instanceof MigrationFailed && error.retry === "later" },
      );
      return { names, droppedIndexes };
    } finally {
      await knex.destroy();
    }
  });
}

/** The mark stays until the next one, or the end: between a migration's work and Knex's record of it lies a moment, too. */
function hooksOf(pool: Pool, lease: MigrationLease) {
  return { beforeBare: async (name: string) => lease.mark(name, await readIndexes(pool)) };
}

function failed(error: unknown, what: string, address: string): unknown {
  if (error instanceof Error && error.name === "MigrationLocked") {
    return new MigrationsLocked({ address, holder: "Knex's own lock was taken by another program just now" });
  }
  const isPassing = sqlStateOf(error) === LOCK_NOT_AVAILABLE;
  // Knex prefixes the statement: "create index … - canceling statement due to lock timeout".
  return new MigrationFailed({ what, address, reason: describeError(error).slice(0, 1_000), isPassing, cause: error });
}
