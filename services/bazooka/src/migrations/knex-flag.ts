// Knex's own lock: a flag without a name. Ours is known by the version of its row (xmin), which is recorded in the transaction that sets it.
import type { Knex } from "knex";
import { queryRows, type Queryable } from "@tidegate/postgres";

export interface KnexFlag {
  readonly isSet: boolean;
  /** Set by the run of ours that is recorded as the holder, alive or not. */
  readonly isOurs: boolean;
}

/** Reads only. */
export async function readKnexFlag(client: Queryable): Promise<KnexFlag> {
  const [there] = await queryRows<{ flag: boolean; holder: boolean }>(
    client,
    "SELECT to_regclass('knex_migrations_lock') IS NOT NULL AS flag, to_regclass('tidegate_bazooka.migrating') IS NOT NULL AS holder",
  );
  if (there?.flag !== true) return { isSet: false, isOurs: false };
  const ours = there.holder ? "xmin::text IN (SELECT knex_flag FROM tidegate_bazooka.migrating)" : "false";
  const [row] = await queryRows<KnexFlag>(
    client,
    `SELECT coalesce(bool_or(is_locked = 1), false) AS "isSet", coalesce(bool_or(is_locked = 1 AND ${ours}), false) AS "isOurs"
       FROM knex_migrations_lock`,
  );
  return row ?? { isSet: false, isOurs: false };
}

export const FREE_OUR_FLAG = `UPDATE knex_migrations_lock l SET is_locked = 0 FROM tidegate_bazooka.migrating held
  WHERE l.is_locked = 1 AND l.xmin::text = held.knex_flag`;

const RECORD_FLAG =
  "UPDATE tidegate_bazooka.migrating SET knex_flag = (SELECT xmin::text FROM knex_migrations_lock WHERE is_locked = 1)";

/** Of Knex's Migrator, what its types leave out (knex 3.3, lib/migrations/migrate/Migrator.js). There is no hook in the transaction of its lock. */
interface LockingMigrator extends Knex.Migrator {
  _lockMigrations: (trx: Knex.Transaction) => Promise<void>;
}

/** Knex's migrator, whose lock says that it is ours. */
export function ourMigrator(knex: Knex): Knex.Migrator {
  const migrator = knex.migrate as LockingMigrator;
  const lock = migrator._lockMigrations.bind(migrator);
  migrator._lockMigrations = async (trx) => {
    await lock(trx);
    await trx.raw(RECORD_FLAG);
  };
  return migrator;
}
