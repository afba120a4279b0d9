// Bazooka's own record in the database that it works on: which effects were applied, and who migrates.
import { queryRows, type Queryable } from "@tidegate/postgres";

/** Rows of effects older than this are of no use to any run. */
const KEPT_DAYS = 90;

/** Harmless to repeat. Two at once: the second waits for the first. */
export async function ensureOwnSchema(client: Queryable): Promise<void> {
  const [there] = await queryRows<{ there: boolean }>(
    client,
    // The newest thing in it.
    `SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('tidegate_bazooka.migrating') AND attname = 'knex_flag') AS there`,
  );
  if (there?.there === true) return;
  await queryRows(client, "SELECT pg_advisory_xact_lock(hashtextextended('tidegate_bazooka', 0))");
  await queryRows(client, CREATE);
}

export async function forgetOldEffects(client: Queryable): Promise<void> {
  await queryRows(
    client,
    `DELETE FROM tidegate_bazooka.effects WHERE applied_at < now() - interval '${KEPT_DAYS} days'`,
  );
}

const CREATE = `
  CREATE SCHEMA IF NOT EXISTS tidegate_bazooka;
  COMMENT ON SCHEMA tidegate_bazooka IS 'What Tidegate''s Bazooka has done here; never cleared by it';
  CREATE TABLE IF NOT EXISTS tidegate_bazooka.effects (
    idempotency_key text PRIMARY KEY,
    run_id text NOT NULL,
    result jsonb NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE IF NOT EXISTS tidegate_bazooka.migrating (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    run_id text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    is_held boolean NOT NULL DEFAULT true,
    batch_before integer NOT NULL DEFAULT 0,
    migration text,
    indexes_before text[]
  );
  ALTER TABLE tidegate_bazooka.migrating ADD COLUMN IF NOT EXISTS knex_flag text;
  COMMENT ON COLUMN tidegate_bazooka.migrating.knex_flag IS 'xmin of the row of knex_migrations_lock as this holder set it: another one was set by somebody else';`;
