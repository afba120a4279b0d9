// Which migrations were run, which are pending, and what a rollback would take back. Reads only.
import { queryRows, type Queryable } from "@tidegate/postgres";
import type { MigrationFacts } from "../types.ts";
import { readMigrationFiles } from "./migration-source.ts";

interface Completed {
  readonly name: string;
  readonly batch: number;
  /** Its place in Knex's record and when it was run: another one when the same migration is run anew. */
  readonly mark: string;
}

export async function readMigrations(client: Queryable, folder: string | undefined): Promise<MigrationFacts> {
  const completed = await readCompleted(client);
  const names = new Set(completed.map((one) => one.name));
  const files = folder === undefined ? [] : await readMigrationFiles(folder);
  const last = completed.at(-1)?.batch;
  const batch = completed.filter((one) => one.batch === last);
  return {
    completed: completed.length,
    lastBatch:
      last === undefined
        ? null
        : { batch: last, names: batch.map((one) => one.name), marks: batch.map((one) => one.mark) },
    pending: files.map((file) => file.name).filter((name) => !names.has(name)),
  };
}

/** In the order in which they were run; none where Knex has never been here. */
export async function readCompleted(client: Queryable): Promise<readonly Completed[]> {
  const [there] = await queryRows<{ there: boolean }>(
    client,
    "SELECT to_regclass('knex_migrations') IS NOT NULL AS there",
  );
  if (there?.there !== true) return [];
  return queryRows<Completed>(
    client,
    `SELECT name, batch, id || '@' || coalesce(extract(epoch FROM migration_time)::text, '') AS mark FROM knex_migrations ORDER BY batch, id`,
  );
}
