// Migrates to the latest, or rolls one batch back: under the lock, with retries of what only waited for a lock in vain.
import type { Knex } from "knex";
import { describeError, retry, type Secret } from "@tidegate/kernel";
import { serverAddress, sqlStateOf, type Pool, type Queryable } from "@tidegate/postgres";
import { readHolder } from "../database/holder.ts";
import { BatchNotLast, MigrationFailed, MigrationsLocked } from "../errors.ts";
import type { MigrationBatch } from "../types.ts";
import { cleanUpInterrupted, readIndexes } from "./interrupted-build.ts";
import { ourMigrator } from "./knex-flag.ts";
import { withMigrationLock, type MigrationLease } from "./migration-lock.ts";
import { withKnex } from "./open-knex.ts";
import { readCompleted } from "./read-migrations.ts";

export interface MigrateOptions {
  readonly pool: Pool;
  readonly url: Secret;
  readonly folder: string;
  readonly lockTimeoutMs: number;
  readonly runId: string;
  /** Of the step: done once under it, and told again to whoever asks again. */
  readonly idempotencyKey: string;
  /** Ends the migration at the server. */
  readonly signal: AbortSignal;
  /** Longest silence of a session (frozen, cut off, or a migration that computes), until the server ends it. Default a minute. */
  readonly sessionLimitMs?: number;
}

export interface Migrated {
  /** All that was done under the key, over all tries. */
  readonly names: readonly string[];
  /** Indexes of an interrupted concurrent build that were dropped first, by the last executor. */
  readonly droppedIndexes: readonly string[];
}

/** lock_not_available. Source: PostgreSQL documentation, "Error Codes". */
const LOCK_NOT_AVAILABLE = "55P03";
const LOCK_TRIES = { attempts: 5, baseMs: 500, maxMs: 5_000 };
const SESSION_LIMIT_MS = 60_000;
/** As long as the step may take: building an index can take hours. */
const STATEMENT_LIMIT_MS = 6 * 3_600_000;

/** One batch. Throws DatabaseBusy, MigrationsLocked, MigrationLockLost, MigrationFailed; the signal's reason. */
export async function migrateToLatest(options: MigrateOptions): Promise<Migrated> {
  return work(options, {
    what: "Migrating",
    perform: async (migrator) => void (await migrator.latest()),
    names: async (client, batchBefore) =>
      (await readCompleted(client)).filter((one) => one.batch > batchBefore).map((one) => one.name),
  });
}

/**
 * Takes back what is left of exactly this batch; harmless when it is gone already, also when the same migrations were run anew since. Throws
 * BatchNotLast besides.
 */
export async function rollBackBatch(options: MigrateOptions, planned: MigrationBatch): Promise<Migrated> {
  const marks = new Set(planned.marks);
  return work(options, {
    what: `Rolling batch ${planned.batch} back`,
    perform: async (migrator, client) => {
      const completed = await readCompleted(client);
      if (!completed.some((one) => marks.has(one.mark))) return;
      const last = completed.at(-1)?.batch;
      const later = completed.filter((one) => one.batch === last && !marks.has(one.mark)).map((one) => one.name);
      if (later.length > 0)
        throw new BatchNotLast({ address: serverAddress(options.url), batch: planned.batch, later });
      await migrator.rollback();
    },
    names: async (client) => {
      const left = new Set((await readCompleted(client)).map((one) => one.mark));
      return planned.names.filter((_, index) => !left.has(planned.marks[index] ?? "")).toReversed();
    },
  });
}

interface Work {
  readonly what: string;
  readonly perform: (migrator: Knex.Migrator, client: Queryable) => Promise<void>;
  readonly names: (client: Queryable, batchBefore: number) => Promise<readonly string[]>;
}

async function work(options: MigrateOptions, { what, perform, names }: Work): Promise<Migrated> {
  const { pool, url, folder, sessionLimitMs = SESSION_LIMIT_MS } = options;
  const address = serverAddress(url);
  const droppedIndexes: string[] = [];
  return withMigrationLock<Migrated>(
    pool,
    { ...options, address, sessionLimitMs },
    {
      perform: async (lease) => {
        const limits = { ...options, sessionLimitMs, statementLimitMs: STATEMENT_LIMIT_MS };
        await withKnex({ ...limits, hooks: hooksOf(lease), lease }, async (knex) =>
          retry(
            async (attempt) => {
              try {
                // A bare migration that timed out half-way has left its index invalid.
                const interrupted = attempt === 1 ? lease.interrupted : await readHolder(lease.client);
                droppedIndexes.push(...(await cleanUpInterrupted({ knex, folder }, { ...lease, interrupted })));
                await perform(ourMigrator(knex), lease.client);
              } catch (error) {
                throw failed(error, what, address);
              }
            },
            {
              ...LOCK_TRIES,
              signal: lease.signal,
              isRetryable: (error) => error instanceof MigrationFailed && error.retry === "later",
            },
          ),
        );
      },
      result: async (client, batchBefore) => ({ names: await names(client, batchBefore), droppedIndexes }),
    },
  );
}

/** The mark stays until the next one, or the end: between a migration's work and Knex's record of it lies a moment, too. */
function hooksOf(lease: MigrationLease) {
  return { beforeBare: async (name: string) => lease.mark(name, await readIndexes(lease.client)) };
}

function failed(error: unknown, what: string, address: string): unknown {
  if (error instanceof BatchNotLast) return error;
  if (error instanceof Error && error.name === "MigrationLocked") {
    return new MigrationsLocked({ address, holder: "Knex's own lock was taken by another program just now" });
  }
  const isPassing = sqlStateOf(error) === LOCK_NOT_AVAILABLE;
  // Knex prefixes the statement: "create index … - canceling statement due to lock timeout".
  return new MigrationFailed({ what, address, reason: describeError(error).slice(0, 1_000), isPassing, cause: error });
}
