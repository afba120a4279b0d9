// The market's tables, brought up to date.
import { fileURLToPath } from "node:url";
import { migrate, type MigrationEvent, type Pool } from "@tidegate/postgres";
import { MIGRATIONS_OWNER } from "../constants.ts";

const directory = fileURLToPath(new URL("migrations/", import.meta.url));

/** Applies the pending migrations; several processes may do so at once. */
export async function migrateMarket(pool: Pool, onEvent?: (event: MigrationEvent) => void): Promise<void> {
  await migrate({ pool, directory, owner: MIGRATIONS_OWNER, ...(onEvent === undefined ? {} : { onEvent }) });
}
