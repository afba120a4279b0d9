// The steps on the database: reset, rollback, migrate, clear. Each is applied once, or harmless to repeat.
import type { StepContext } from "@tidegate/engine";
import { PartIsOff } from "@tidegate/kernel";
import type { BazookaConfig } from "../../../config.ts";
import { applyOnce } from "../../../database/apply-once.ts";
import { clearTables } from "../../../database/clear-tables.ts";
import { withDatabase } from "../../../database/open-database.ts";
import { resetSchemas } from "../../../database/reset-schemas.ts";
import {
  migrateToLatest,
  rollBackBatch,
  type Migrated,
  type MigrateOptions,
} from "../../../migrations/run-migrations.ts";
import type { MigrationBatch } from "../../../types.ts";

/** Gives the schemas' names. */
export async function resetDb(config: BazookaConfig, step: StepContext): Promise<readonly string[]> {
  return withDatabase(config, async (pool, url) => applyOnce({ pool, url }, step, resetSchemas));
}

/** Gives how many tables were emptied. */
export async function clearDb(config: BazookaConfig, step: StepContext): Promise<number> {
  return withDatabase(config, async (pool, url) =>
    applyOnce({ pool, url }, step, async (client) => clearTables(client, config.keepTables)),
  );
}

export async function migrateDb(config: BazookaConfig, step: StepContext): Promise<Migrated> {
  return withMigrations(config, step, migrateToLatest);
}

export async function rollBackDb(config: BazookaConfig, step: StepContext, batch: MigrationBatch): Promise<Migrated> {
  return withMigrations(config, step, async (options) => rollBackBatch(options, batch));
}

async function withMigrations(
  config: BazookaConfig,
  step: StepContext,
  work: (options: MigrateOptions) => Promise<Migrated>,
): Promise<Migrated> {
  const { migrationsDir: folder, migrationLockTimeoutMs: lockTimeoutMs } = config;
  if (folder === undefined) {
    throw new PartIsOff({
      part: "migrations",
      reason: "Bazooka was given no folder of migrations",
      remedy: "Set BAZOOKA_MIGRATIONS_DIR to the folder of the Knex migrations.",
    });
  }
  return withDatabase(config, async (pool, url) =>
    work({
      pool,
      url,
      folder,
      lockTimeoutMs,
      runId: step.runId,
      idempotencyKey: step.idempotencyKey,
      signal: step.signal,
    }),
  );
}
