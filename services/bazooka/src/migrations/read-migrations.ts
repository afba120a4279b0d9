// Which migrations were run, which are pending, and what a rollback would take back. Reads only.
import { queryRows, type Queryable } from "@tidegate/postgres";
import type { MigrationFacts } from "../types.ts";
import { readMigrationFiles } from "./migration-source.ts";

interface Completed {
  readonly name: string;
  readonly batch: number;
}

export async function readMigrations(client: Queryable, folder: string | undefined): Promise<MigrationFacts> {
  const completed = await readCompleted(client);
  const names = new Set(completed.map((one) => one.name));
  const files = folder === undefined ? [] : await readMigrationFiles(folder);
  const last = completed.at(-1)?.batch;
  return {
    completed: completed.length,
    lastBatch:
      last === undefined
        ? null
        : { batch: last, names: completed.filter((one) => one.batch === last).map((one) => one.name) },
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
  return queryRows<Completed>(client, "SELECT name, batch FROM knex_migrations ORDER BY batch, id");
}
