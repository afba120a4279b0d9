// Frees Knex's lock when nobody holds it any more.
import { queryRows, withTransaction, type Pool } from "@tidegate/postgres";
import { tryDatabaseLock } from "../database/database-lock.ts";
import { describeHolder, readHolder } from "../database/holder.ts";
import { ensureOwnSchema } from "../database/own-schema.ts";
import { MigrationsLocked } from "../errors.ts";
import { readKnexFlag } from "./knex-flag.ts";

export interface Unlocked {
  /** Whether there was anything to free. */
  readonly wasLocked: boolean;
}

/** Throws MigrationsLocked when a run of ours is at work. */
export async function unlockMigrations(pool: Pool, address: string): Promise<Unlocked> {
  await withTransaction(pool, ensureOwnSchema);
  return withTransaction(pool, async (client) => {
    if (!(await tryDatabaseLock(client))) {
      const holder = describeHolder(await readHolder(client));
      throw new MigrationsLocked({ address, holder: `${holder}, which is at work` });
    }
    const { isSet } = await readKnexFlag(client);
    if (isSet) await queryRows(client, "UPDATE knex_migrations_lock SET is_locked = 0");
    // Whoever sets it next is somebody else; what a killed one left to clean up is still known.
    await queryRows(client, "UPDATE tidegate_bazooka.migrating SET is_held = false, knex_flag = NULL");
    return { wasLocked: isSet };
  });
}
